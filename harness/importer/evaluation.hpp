// SPDX-License-Identifier: Apache-2.0
// What other programs say, one evaluation at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mneme::importer {

// What a format may leave unsaid about a run.
struct RunName {
    std::string benchmark, method, scenario;
    std::int32_t seed = 1;
};

struct Evaluation {
    RunName run;
    int trained_task = 0, evaluated_task = 0;      // from 1
    std::int32_t n_correct = -1, n_evaluated = -1; // -1: unknown
    double accuracy = 0;                           // 0 to 1; counts only where they are unknown
    int decimals = 0;                              // that the program printed of it
    int tasks = 0; // of the run, where the program says more than it evaluates one by one
};

using Evaluations = std::vector<Evaluation>;

} // namespace mneme::importer
