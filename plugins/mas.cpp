// SPDX-License-Identifier: Apache-2.0
// Memory Aware Synapses. Aljundi et al. 2018, arXiv:1711.09601, eq. 3 and 4.
//
//   L(theta) = CE(theta) + lambda sum_i Omega_i (theta_i - anchor_i)^2
//   task's end:  Omega_i <- Omega_i + mean over x of |d ||f(x)||^2 / d theta_i|,    anchor <- theta
//
// ||f||^2: squared logits summed, no root, no label. output = "probs" takes the probabilities. The
// absolute value is taken for each example and then averaged, as the paper says; abs_batch = b
// takes it of the mean gradient of b examples, as the authors' code does.
#include <mneme/autograd.hpp>
#include <mneme/descent_learner.hpp>
#include <mneme/mneme.hpp>
#include <mneme/penalty.hpp>

namespace {

class Mas final : public mneme::DescentLearner {
  public:
    explicit Mas(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.03, .batch_size = 10, .momentum = 0}),
          penalty_(s.options.number("lambda", 0.1, {.min = 0}, "weight of the penalty (no 1/2)"),
                   weights().theta),
          samples_(
              s.options.count("samples", 1000, {.min = 1}, "examples per task for the importance")),
          abs_batch_(
              s.options.count("abs_batch", 1, {.min = 1}, "examples under one absolute value")),
          probs_(s.options.choice("output", {"logits", "probs"},
                                  "whose squared norm is differentiated") == "probs") {}

    void observe(const mneme::Batch& batch) override { descend(batch, penalty_.step()); }

    void end_task(const mneme::Task& task) override {
        for (const auto& [batch, share] :
             task.train().batches(samples_, abs_batch_ > 1 ? abs_batch_ : 250))
            penalty_.omega().add_(importance(batch), share);
        penalty_.finish(task, weights().theta, optimizer());
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        penalty_.state(s);
    }

  private:
    mneme::Tensor importance(const mneme::Batch& batch) const { // [S, P]
        if (abs_batch_ == 1)
            return net().per_sample(weights(), batch,
                                    probs_ ? mneme::Of::probability_norm : mneme::Of::logits_norm,
                                    mneme::Reduce::abs);
        const auto mask = net().head(batch.task);
        const auto g = mneme::gradients({weights().theta}, [&](const auto& leaf) {
            const auto f = net().logits(at(leaf[0]), batch.x, mneme::Mode::eval);
            return (probs_ ? f.masked_fill(!mask, -1e30).softmax(-1) : f.masked_fill(!mask, 0))
                .square()
                .sum(-1)
                .mean(1);
        });
        return abs(g[0]);
    }

    mneme::ImportancePenalty penalty_;
    const int64_t samples_, abs_batch_;
    const bool probs_;
};

} // namespace

MNEME_METHOD(Mas, "mas", "quadratic penalty by how much each weight moves the output",
             "arXiv:1711.09601", needs_task_boundaries)
