// SPDX-License-Identifier: Apache-2.0
// What the methods with a quadratic penalty, sum of strength * importance * (theta - anchor)^2,
// share beside the step itself (Step in optimizer.hpp).
#pragma once

#include <cmath>
#include <string>

#include <mneme/optimizer.hpp>
#include <mneme/random.hpp>

namespace mneme {

// At a task's end: how near the penalty is to where it throws the weights away. Plain descent on it
// alone diverges above 1 + momentum; importances that add up come nearer with every task.
inline void log_pull(const Task& task, const Tensor& strength, const Tensor& importance,
                     const Optimizer& descend) {
    log("task " + std::to_string(task.index + 1) +
            ", strength * lr * largest importance of each replica",
        strength * descend.rate() * importance.amax(1, keepdim));
}

// The penalty of methods whose importances add up from task to task, with one anchor: the weights
// at the last task's end.
class ImportancePenalty final {
  public:
    // strength [S, 1], theta [S, P]
    ImportancePenalty(const Tensor& strength, const Tensor& theta)
        : strength_(strength), omega_(zeros_like(theta)), anchor_(theta.clone()) {}

    // For each step.
    Step step() const { return {.importance = omega_, .anchor = anchor_, .strength = strength_}; }
    // At a task's end, when omega holds the task's importance.
    void finish(const Task& task, const Tensor& theta, const Optimizer& descend) {
        anchor_.copy_(theta);
        log_pull(task, strength_, omega_, descend);
    }
    Tensor& omega() { return omega_; } // [S, P]

    void state(State& s) {
        s("omega", omega_);
        s("anchor", anchor_);
    }

  private:
    const Tensor strength_;
    Tensor omega_, anchor_;
};

// Weights and biases from U(-1/sqrt(fan_in), 1/sqrt(fan_in)); scales and shifts, which start at 1
// and 0, and the padding as in theta.
inline Tensor redrawn(const Net& net, const Random& source, const Tensor& theta) {
    const auto bound = net.per_column([](const Layer& l) {
        return l.kind == LayerKind::weight || l.kind == LayerKind::bias
                   ? 1 / std::sqrt(static_cast<double>(l.fan_in))
                   : 0;
    });
    return where(bound > 0, (2 * source.uniform({net.columns()}) - 1) * bound, theta);
}

} // namespace mneme
