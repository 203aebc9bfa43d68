// SPDX-License-Identifier: Apache-2.0
// A learner over fixed features: the network is trained on the first task (features = "trained") or
// not at all ("initial"). Then each task is passed once, in the phase "stream", with what enters
// the head in eval mode; the answers come from it alone. For methods flagged `scores`.
#pragma once

#include <vector>

#include <mneme/descent_learner.hpp>

namespace mneme {

class FeatureLearner : public DescentLearner {
  public:
    // Declares `features`, and the keys of [train] for the first task.
    FeatureLearner(Setup& s, const TrainDefaults& own)
        : DescentLearner(s, own),
          trained_(s.options.choice("features", {"trained", "initial"},
                                    "theta_1: after the first task, or at the start") ==
                   "trained") {}

    std::vector<Phase> phases(const Task& task) const override {
        if (trained_ && task.first()) return {{}, {.name = "stream", .epochs = 1}};
        return {{.name = "stream", .epochs = 1}};
    }
    void begin_phase(const Phase& phase) override { streaming_ = phase.name == "stream"; }
    void observe(const Batch& batch) override {
        if (!streaming_) return descend(batch);
        take(net().features(weights(), batch.x, Mode::eval), batch);
    }
    void end_phase(const Phase&) override {
        if (streaming_) finish();
    }
    Tensor predict(const Tensor& x, TaskId) const override {
        return scores(net().features(weights(), x, Mode::eval));
    }
    void state(State& s) override {
        DescentLearner::state(s);
        s("~streaming", streaming_);
    }

  protected:
    // The features phi [S, B, F] of a batch; a row that weighs nothing changes nothing.
    virtual void take(const Tensor& phi, const Batch& batch) = 0;
    virtual void finish() {}                            // behind a task's rows
    virtual Tensor scores(const Tensor& phi) const = 0; // [S, N, C]

  private:
    const bool trained_;
    bool streaming_ = false;
};

} // namespace mneme
