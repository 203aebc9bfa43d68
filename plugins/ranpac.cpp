// SPDX-License-Identifier: Apache-2.0
// Ridge regression on random features. McDonnell et al. 2023 (RanPAC), arXiv:2307.02251, eq. 1 to 4
// and algorithm 1.
//
//   h = max(0, phi(x) W),   W [F, M] of N(0, 1), drawn once and never trained
//   G <- G + sum h h^T,   C <- C + sum h y^T   over the rows of each task, y in one-hot form
//   W_o = (G + lambda I)^-1 C;   score of class c = h . W_o[:, c]
//
// lambda is the one of 10^-8, 10^-7, ..., 10^8 whose W_o, fitted to four fifths of a task's rows,
// has the least squared error on the other fifth (every fifth row of a batch); then G and C get all
// rows. That error is <W_o, G' W_o> - 2 <W_o, C'> and a constant, with G' and C' of the held-out
// rows, so no row is kept. phi is a network that is trained on the first task and then fixed, or
// the initial one; the paper has a pretrained one (use data that are its features, and
// features = "initial"), M = 10000, and leaves the adaptation of the network to other methods.
#include <cmath>

#include <mneme/feature_learner.hpp>
#include <mneme/mneme.hpp>
#include <mneme/replicas.hpp>

namespace {

using mneme::Tensor;

struct Sums {
    Tensor G, C; // [S, M, M], [S, M, classes]

    void add(const Tensor& h, const Tensor& y) {
        G += mneme::each_matmul(h.transpose(1, 2), h);
        C += mneme::each_matmul(h.transpose(1, 2), y);
    }
    void add(const Sums& more) { G += more.G, C += more.C; }
    void clear() { G.zero_(), C.zero_(); }
};

// (G + lambda I)^-1 C
Tensor ridge(const Tensor& G, const Tensor& C, const Tensor& lambda) {
    return mneme::each_replica({G + lambda * mneme::identity(G.size(1)), C}, [](const auto& in) {
        return std::vector<Tensor>{MNEME_OP("aten::linalg_solve")(in[0], in[1])};
    })[0];
}

class RanPac final : public mneme::FeatureLearner {
  public:
    explicit RanPac(mneme::Setup& s)
        : FeatureLearner(s, {.lr = 0.01, .batch_size = 10, .momentum = 0.8}),
          M_(s.options.count("random_features", 1000, {.min = 1, .max = 20000}, "M, columns of W")),
          W_(s.random("random_features").normal({s.run.features, M_})), all_(sums(s)),
          task_(sums(s)), held_out_(sums(s)), W_o_(zeros_like(all_.C)),
          report_(s.diagnostic("log10_lambda", "1", "the ridge that was chosen")) {}

    std::vector<mneme::Phase> phases(const mneme::Task& task) const override {
        auto phases = FeatureLearner::phases(task);
        phases.back().batch_size = 250; // sums need no small steps
        return phases;
    }
    void state(mneme::State& s) override {
        FeatureLearner::state(s);
        s("W", W_), s("G", all_.G), s("C", all_.C), s("task_G", task_.G), s("task_C", task_.C);
        s("held_out_G", held_out_.G), s("held_out_C", held_out_.C), s("W_o", W_o_);
    }

  private:
    Sums sums(const mneme::Setup& s) const {
        return {mneme::zeros({s.replicas, M_, M_}),
                mneme::zeros({s.replicas, M_, s.net.classes()})};
    }
    Tensor hidden(const Tensor& phi) const { return mneme::each_matmul(phi, W_).relu(); }

    void take(const Tensor& phi, const mneme::Batch& batch) override {
        const auto weight = batch.weight.unsqueeze(2);
        const Tensor h = hidden(phi) * weight, y = net().one_hot(batch.y) * weight;
        task_.add(h, y);
        const auto fifth = [](const Tensor& t) {
            return MNEME_OP("aten::slice.Tensor")(t, 1, 4, t.size(1), 5);
        };
        if (batch.rows() >= 5) held_out_.add(fifth(h), fifth(y));
    }
    void finish() override {
        const auto G = task_.G - held_out_.G, C = task_.C - held_out_.C;
        auto best = mneme::zeros({G.size(0), 1, 1}) + 1e30, power = zeros_like(best);
        for (int p = -8; p <= 8; ++p) {
            const auto W = ridge(G, C, power * 0 + std::pow(10.0, p));
            const auto error = (W * (mneme::each_matmul(held_out_.G, W) - 2 * held_out_.C))
                                   .sum(2, mneme::keepdim)
                                   .sum(1, mneme::keepdim);
            power = where(error < best, power * 0 + double(p), power);
            best = where(error < best, error, best);
        }
        all_.add(task_);
        task_.clear(), held_out_.clear();
        W_o_ = ridge(all_.G, all_.C, (power * std::log(10.0)).exp());
        report_(power.squeeze(2));
    }
    Tensor scores(const Tensor& phi) const override {
        return mneme::each_matmul(hidden(phi), W_o_);
    }

    const int64_t M_;
    Tensor W_;                   // [S, F, M]
    Sums all_, task_, held_out_; // of all tasks; of this one, and of a fifth of its rows
    Tensor W_o_;                 // [S, M, classes]
    const mneme::Diagnostic report_;
};

} // namespace

MNEME_METHOD(RanPac, "ranpac", "ridge regression on random features of fixed features",
             "arXiv:2307.02251", scores, needs_task_boundaries)
