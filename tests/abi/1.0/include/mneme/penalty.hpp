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
