// SPDX-License-Identifier: Apache-2.0
// The order of a stream that announces no task: every task's examples in one sequence, tasks
// running into one another. No LibTorch here.
#pragma once

#include <cstdint>
#include <vector>

namespace mneme::bench {

struct ExampleStream {
    std::vector<int32_t> task; // of each example of the sequence
    std::vector<int64_t> row;  // in that task
};

// `orders`: the first epoch's permutation of each task. The example at place i of the tasks laid
// end to end, of a task of n, moves to i + blur * n * (u - 1/2), u the element i of the purpose
// "mneme/blur" at call 0, step 0, task 0; the sequence is sorted by that, equal ones as they were.
// With blur 0 the tasks follow one another.
ExampleStream example_stream(const std::vector<std::vector<int64_t>>& orders, double blur,
                             int64_t seed);

} // namespace mneme::bench
