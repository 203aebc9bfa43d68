// SPDX-License-Identifier: Apache-2.0
// The leaderboard of one benchmark as numbers. Methods are ranked by their mean over seeds;
// differences are paired by seed, because every method saw the same tasks in the same order under
// one seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <results/block.hpp>
#include <results/metrics.hpp>

#include "leaderboard/interval.hpp"

namespace mneme::cli {

using leaderboard::Interval;

struct Standing {
    std::string label;
    std::vector<double> values; // the metric, by seed of the board
    Interval score, behind; // behind: this minus the best ranked method, paired by seed; count 0
                            // for the best itself
    // Means over seeds; NaN where any seed has none.
    double forgetting, backward_transfer, learning_accuracy, train_seconds, kept_bytes;
    std::size_t complete = 0; // seeds
    std::string missing;      // what happened to the other seeds: "seed 2 failed"
};

struct Board {
    std::string benchmark, digest, scenario, evaluated_on, metric;
    bool higher_is_better = true;
    double chance = 0;
    std::vector<std::int32_t> seeds;
    std::vector<Standing> ranked, oracles, incomplete; // best first; best first; in file order
};

Board make_board(const results::Block&, const results::Metric&);

// Accuracy after each task on each task, [T, T] row-major, NaN where not evaluated; and before any
// training, [T].
struct Accuracies {
    std::vector<double> matrix, initial;
};
Accuracies accuracies(const results::Block&, std::size_t method, std::size_t seed);

} // namespace mneme::cli
