// SPDX-License-Identifier: Apache-2.0
// Fine-tuning with a pull towards the weights of the last task (the "L2" baseline of Kirkpatrick et
// al. 2017, arXiv:1612.00796, fig. 2A).
//
//   L(theta) = CE(theta) + strength sum_i (theta_i - theta*_i)^2
//
// theta* are the weights at the end of the last task; nothing pulls during the first one. No factor
// 1/2.
#include <mneme/mneme.hpp>

namespace {

class MyMethod final : public mneme::Learner {
  public:
    explicit MyMethod(mneme::Setup& s)
        : Learner(s),
          strength_(s.options.number("strength", 0.01, {.min = 0}, "weight of the pull (no 1/2)")),
          descend_(s.optimizer({.lr = 0.03, .batch_size = 10, .momentum = 0})),
          star_(weights().theta.clone()), pull_(zeros_like(strength_)) {}

    void begin_task(const mneme::Task& task) override { descend_.begin(task); }

    void observe(const mneme::Batch& batch) override {
        auto g = net().gradient(weights(), batch);
        g += 2 * pull_ * (weights().theta - star_);
        descend_(weights(), g);
    }

    void end_task(const mneme::Task&) override {
        star_.copy_(weights().theta);
        pull_.copy_(strength_);
    }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("descend", descend_);
        s("star", star_);
        s("pull", pull_);
    }

  private:
    const mneme::Tensor strength_; // [S, 1]
    mneme::Optimizer descend_;
    mneme::Tensor star_; // [S, P]
    mneme::Tensor pull_; // [S, 1]: 0, and strength from the second task on
};

} // namespace

MNEME_METHOD(MyMethod, "my_method", "fine-tuning with a pull towards the last task's weights", "")
