// SPDX-License-Identifier: Apache-2.0
// Orthogonal Gradient Descent. Farajtabar et al. 2019, arXiv:1910.07104, algorithm 1, OGD-GTL.
//
//   g~ = g - sum over v in V of (g.v) v;    theta <- theta - lr g~
//   task's end, for some rows (x, y):  u = df_y(x; theta)/dtheta - its projection on V,
//       V <- V and u / ||u||
//
// f_y: the logit of the label. The directions are made orthogonal twice over, so that V stays
// orthonormal in float32. `directions` rows are drawn for each task, and V grows by a row of
// weights for each: its memory is on the bill. A momentum would move along V again: it is 0 unless
// [train] says so.
#include <mneme/descent_learner.hpp>
#include <mneme/gradients.hpp>
#include <mneme/mneme.hpp>
#include <mneme/replicas.hpp>

namespace {

using mneme::Tensor;

class Ogd final : public mneme::DescentLearner {
  public:
    explicit Ogd(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.001, .batch_size = 10, .momentum = 0}),
          count_(s.options.count("directions", 200, {.min = 1},
                                 "gradients of logits kept for each task")) {}

    void observe(const mneme::Batch& batch) override {
        const auto g = net().gradient(weights(), batch);
        descend(basis_.defined() ? without(g) : g);
    }

    void end_task(const mneme::Task& task) override {
        for (const auto& [batch, share] : task.train().batches(count_, 10)) {
            const auto label = net().one_hot(batch.y) * batch.weight.unsqueeze(2);
            const auto rows = gradients_of_rows(net(), weights(), batch, label); // [S, B, P]
            for (int64_t k = 0; k < rows.size(1); ++k) keep(rows.select(1, k));
        }
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("basis", basis_);
    }

  private:
    Tensor without(const Tensor& g) const { // [S, P]
        return mneme::each_replica(
                   {g.unsqueeze(1), basis_},
                   [](const auto& in) {
                       const auto& [g, V] = std::pair(in[0], in[1]); // [S, 1, P], [S, K, P]
                       return std::vector<Tensor>{g - g.matmul(V.transpose(1, 2)).matmul(V)};
                   })[0]
            .squeeze(1);
    }
    // A direction that V holds already becomes 0 and changes nothing.
    void keep(Tensor u) {
        const auto before = (u * u).sum(1, mneme::keepdim);
        if (basis_.defined()) u = without(without(u));
        const auto left = (u * u).sum(1, mneme::keepdim);
        u = where(left > 1e-8 * before, u / sqrt(left).clamp_min(1e-30), zeros_like(u));
        basis_ = basis_.defined() ? mneme::cat({basis_, u.unsqueeze(1)}, 1) : u.unsqueeze(1);
    }

    const int64_t count_;
    Tensor basis_; // V [S, K, P]
};

} // namespace

MNEME_METHOD(Ogd, "ogd", "descent at right angles to the gradients of earlier tasks' logits",
             "arXiv:1910.07104", needs_task_boundaries)
