// SPDX-License-Identifier: Apache-2.0
// Fine-tuning: plain descent on each task in turn. The floor every method must beat.
//
//   theta <- theta - lr v,   v <- momentum v + g
//
// With the stable schedule (lr .1, lr_decay .8, batch 64, dropout .2; a suite sets it) it is Stable
// SGD, Mirzadeh et al. 2020, arXiv:2006.06958.
#include <mneme/descent_learner.hpp>
#include <mneme/mneme.hpp>

namespace {

class Finetune final : public mneme::DescentLearner {
  public:
    explicit Finetune(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.01, .batch_size = 10, .momentum = 0.8}) {}

    void observe(const mneme::Batch& batch) override { descend(batch); }
};

} // namespace

MNEME_METHOD(Finetune, "finetune", "plain sequential training", "")
