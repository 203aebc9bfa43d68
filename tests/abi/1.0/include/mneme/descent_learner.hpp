// SPDX-License-Identifier: Apache-2.0
// A learner with one optimiser, as most are: what [train] says, over the method's own defaults. A
// task begins with the task's rate and, unless [train] keeps it, a fresh state.
#pragma once

#include <mneme/learner.hpp>

namespace mneme {

class DescentLearner : public Learner {
  public:
    // Declares the keys of [train].
    DescentLearner(Setup& s, const TrainDefaults& own)
        : Learner(s), optimizer_(s.recipe(own), weights().theta) {}

    void begin_task(const Task& task) override { optimizer_.begin(task); }
    void state(State& s) override {
        Learner::state(s);
        s("descend", optimizer_);
    }

  protected:
    // One step: against the gradient of the built-in loss on a batch, or against a gradient [S, P].
    void descend(const Batch& batch, const Step& with = {}) {
        optimizer_(weights(), net().gradient(weights(), batch), with);
    }
    void descend(const Tensor& gradient, const Step& with = {}) {
        optimizer_(weights(), gradient, with);
    }
    Optimizer& optimizer() { return optimizer_; }
    const Optimizer& optimizer() const { return optimizer_; }

  private:
    Optimizer optimizer_;
};

} // namespace mneme
