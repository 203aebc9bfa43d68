// SPDX-License-Identifier: Apache-2.0
// A learner whose gradients pass a projection of each layer from the second task on
// (layer_projections.hpp). The method says in end_task what the projections become.
#pragma once

#include <mneme/descent_learner.hpp>
#include <mneme/layer_projections.hpp>

namespace mneme {

class ProjectedLearner : public DescentLearner {
  public:
    // Refuses an optimiser with a rate for each weight: its steps would leave the projection.
    ProjectedLearner(Setup& s, const TrainDefaults& own) : DescentLearner(s, own), projections_(s) {
        if (optimizer().recipe().rule != Rule::sgd)
            throw Error("optimizer: a rate for each weight leaves the projection; use \"sgd\"",
                        MNEME_OPTION);
    }

    void begin_task(const Task& task) override {
        DescentLearner::begin_task(task);
        first_ = task.first();
    }
    void observe(const Batch& batch) override {
        if (first_) return descend(batch);
        auto g = net().gradient(weights(), batch);
        projections_.apply(g);
        descend(g, {.mask = projections_.moves()});
    }
    void state(State& s) override {
        DescentLearner::state(s);
        s("projections", projections_);
        s("~first", first_);
    }

  protected:
    LayerProjections& projections() { return projections_; }

  private:
    LayerProjections projections_;
    bool first_ = true;
};

} // namespace mneme
