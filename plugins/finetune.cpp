// SPDX-License-Identifier: Apache-2.0
// Fine-tuning: plain descent on each task in turn. The floor every method must beat.
//
//   theta <- theta - lr v,   v <- momentum v + g
//
// With the stable schedule (lr .1, lr_decay .8, batch 64, dropout .2; a suite sets it) it is Stable
// SGD, Mirzadeh et al. 2020, arXiv:2006.06958.
#include <mneme/mneme.hpp>

namespace {

class Finetune final : public mneme::Learner {
  public:
    explicit Finetune(mneme::Setup& s)
        : Learner(s), descend_(s.optimizer({.lr = 0.01, .batch_size = 10, .momentum = 0.8})) {}

    void begin_task(const mneme::Task& task) override { descend_.begin(task); }
    void observe(const mneme::Batch& batch) override {
        descend_(weights(), net().gradient(weights(), batch));
    }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("descend", descend_);
    }

  private:
    mneme::Optimizer descend_;
};

} // namespace

MNEME_METHOD(Finetune, "finetune", "plain sequential training", "")
