// SPDX-License-Identifier: Apache-2.0
// The diagonal Fisher information at the current weights: four quantities go by that name.
//   exact      mean over x of  sum_y p(y|x) (d log p(y|x) / d theta)^2      the definition
//   sample     one y drawn from p(y|x) instead of the sum
//   empirical  the true label instead
//   batched    the true label, and the square of a batch's mean gradient
// Averages over `fisher_samples` examples of the task, in eval mode.
#pragma once

#include <mneme/learner.hpp>

namespace mneme {

class Fisher final {
  public:
    explicit Fisher(Setup& s)
        : kind_(s.options.choice<Kind>("fisher", {"exact", "sample", "empirical", "batched"},
                                       "which of the four quantities called Fisher")),
          samples_(s.options.count("fisher_samples", 1000, {.min = 1},
                                   "examples per task for the Fisher")),
          batch_(s.options.count("fisher_batch", 1, {.min = 1},
                                 "examples per gradient (batched only)")),
          label_(s.random("fisher_label")) {}

    Tensor operator()(const Net& net, const Weights& w, const Task& task) const { // [S, P]
        auto f = zeros_like(w.theta);
        for (auto [batch, share] :
             task.train().batches(samples_, kind_ == Kind::batched ? batch_ : 250)) {
            if (kind_ == Kind::sample) batch.y = drawn(net, w, batch);
            f.add_(
                kind_ == Kind::batched
                    ? square(net.gradient(w, batch, Mode::eval))
                    : net.per_sample(w, batch, kind_ == Kind::exact ? Of::loss_expected : Of::loss,
                                     Reduce::square),
                share);
        }
        return f;
    }

  private:
    enum class Kind { exact, sample, empirical, batched };

    Tensor drawn(const Net& net, const Weights& w,
                 const Batch& batch) const { // [S, B] labels from p(y|x), by inverting its sum
        const auto p = net.logits(w, batch.x, Mode::eval)
                           .masked_fill(!net.head(batch.task), -1e30)
                           .softmax(-1);
        const auto below = p.cumsum(-1) <= label_.uniform({batch.rows(), 1});
        const auto last = (range(net.classes()) * (p > 0).to(DType::int64))
                              .amax(-1); // the sum may round to less than 1
        return minimum(below.to(DType::int64).sum(-1),
                       last); // a replica that has diverged draws 0, and its neighbours go on
    }

    const Kind kind_;
    const int64_t samples_, batch_;
    Random label_;
};

} // namespace mneme
