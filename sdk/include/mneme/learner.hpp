// SPDX-License-Identifier: Apache-2.0
// A continual-learning method: it owns its update rule and nothing else. The harness owns data,
// order, loops, clocks, evaluation, checkpoints and results.
#pragma once

#include <vector>

#include <mneme/setup.hpp>

namespace mneme {

class Learner {
  public:
    explicit Learner(Setup& s) : net_(s.net), weights_(s.net.initial()) {}
    virtual ~Learner() = default;
    Learner(const Learner&) = delete;
    Learner& operator=(const Learner&) = delete;

    // Order, always: begin_task, phases; then per phase begin_phase, per epoch begin_epoch,
    // observe*, end_epoch, then end_phase; then end_task. Recording of gradients is off.
    virtual void begin_task(const Task&) {}
    // A phase that shall not run is left out.
    virtual std::vector<Phase> phases(const Task&) const { return {Phase{}}; }
    virtual void begin_phase(const Phase&) {}
    virtual void begin_epoch(const Phase&, int64_t /*epoch*/) {} // epochs count from 0
    // One optimisation step. Hot: no branch on a tensor's value, no reading of values, tensors that
    // live on keep their storage.
    virtual void observe(const Batch&) = 0;
    virtual void observe_with(const Batch& batch, const Batch& /*companion*/) { observe(batch); }
    virtual void end_epoch(const Phase&, int64_t /*epoch*/) {}
    virtual void end_phase(const Phase&) {}
    virtual void end_task(const Task&) {} // may walk task.train(); no evaluation data exists here

    // Logits [S, N, C] of test inputs x [S, N, D]; a method flagged `scores` gives numbers of which
    // the largest is its answer. Must leave the learner as it was: the host compares. No labels, no
    // future tasks.
    virtual Tensor predict(const Tensor& x, TaskId) const {
        return net_.logits(weights_, x, Mode::eval);
    }

    // Every tensor and counter kept between steps. An override calls this first.
    virtual void state(State& s) { s("weights", weights_); }

    const Weights& current() const { return weights_; }

  protected:
    const Net& net() const { return net_; }
    Weights& weights() { return weights_; }
    const Weights& weights() const { return weights_; }
    Weights at(Tensor theta) const {
        return {std::move(theta), weights_.stats};
    } // other parameters, this learner's stats

  private:
    const Net& net_;
    Weights weights_;
};

} // namespace mneme
