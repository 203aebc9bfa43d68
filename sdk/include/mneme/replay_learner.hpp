// SPDX-License-Identifier: Apache-2.0
// A learner with one optimiser and a replay memory: makes room at a task's start, and from a task's
// end on its rows are drawn. What a step draws and stores is the method's.
#pragma once

#include <mneme/descent_learner.hpp>
#include <mneme/memory.hpp>

namespace mneme {

class ReplayLearner : public DescentLearner {
  public:
    // Declares the keys of [train], and what MemoryOptions declares: the first policy is the
    // default, `batch` rows a step (0: the method draws its own), `per_class` of a class.
    ReplayLearner(Setup& s, const TrainDefaults& own, std::initializer_list<const char*> policies,
                  int64_t batch, int64_t per_class = 1)
        : DescentLearner(s, own), memory_(s, policies, batch, per_class) {}

    void begin_task(const Task& task) override {
        DescentLearner::begin_task(task);
        memory_.start(task);
    }
    void end_task(const Task& task) override { memory_.finish(task); }
    void state(State& s) override {
        DescentLearner::state(s);
        s("memory", memory_);
    }

  protected:
    ReplayMemory& memory() { return memory_; }
    const ReplayMemory& memory() const { return memory_; }
    // The batch with stored rows behind it; by itself while nothing is stored.
    Batch joined(const Batch& batch) const {
        return memory_.empty() ? batch : concat(batch, memory_.sample());
    }

  private:
    ReplayMemory memory_;
};

} // namespace mneme
