// SPDX-License-Identifier: Apache-2.0
// What `leaderboard` and `compare` share: the metric, the level, the margin, the benchmarks.
#pragma once

#include <string>
#include <vector>

#include <results/results.hpp>

#include "cli/arguments.hpp"
#include "leaderboard/board.hpp"

namespace mneme::cli {

struct ComparisonOptions {
    std::string metric = "average_accuracy", margin, alpha = "0.05";
    std::vector<std::string> benchmarks; // empty: all
};
void declare(Arguments&, ComparisonOptions&);

// Throws ExitError (usage) for what is not a number or out of its range.
leaderboard::BoardOptions board_options(const ComparisonOptions&);

// Throws ExitError (usage) for a benchmark that is not in the file.
void keep_benchmarks(std::initializer_list<std::vector<results::Block>*>, const ComparisonOptions&);

} // namespace mneme::cli
