// SPDX-License-Identifier: Apache-2.0
// What the proofs of the methods share: task_batches made by hand, and single steps from weights
// that are given.
#pragma once

#include "reference.hpp"

namespace mneme::test {

// Softmax regression without biases on two classes. At weights 0 an example (x, class 1) has the
// gradient (x/2, -x/2): an example for every gradient (v, -v) that one may want.
inline Layout two_classes(const std::vector<int64_t>& seeds = {1}, int64_t features = 2) {
    return {.features = features,
            .hidden = {},
            .seeds = seeds,
            .classes = 2,
            .tasks = {{0, 1}, {0, 1}, {0, 1}},
            .bias = false};
}

inline Batch with_gradient(int64_t replicas, const std::vector<double>& v, int64_t task,
                           const std::vector<double>& weight = {}) {
    auto x = v;
    for (double& value : x) value *= 2;
    const auto n = static_cast<std::size_t>(replicas);
    return batch(replicas, x, std::vector<int64_t>(n, 1), std::vector<int64_t>(n, task), weight);
}

inline std::vector<double> nothing(const SessionFixture& fixture) {
    return std::vector<double>(
        static_cast<std::size_t>(fixture.net().replicas() * fixture.net().columns()));
}

// A batch whose rows weigh nothing: the step is the method's own pull and no more.
inline Batch weightless(const SessionFixture& fixture, int64_t task) {
    const auto& l = fixture.layout();
    const auto n = l.seeds.size();
    return batch(
        static_cast<int64_t>(n), std::vector<double>(n * static_cast<std::size_t>(l.features), 1),
        std::vector<int64_t>(n, 0), std::vector<int64_t>(n, task), std::vector<double>(n, 0));
}

} // namespace mneme::test
