// SPDX-License-Identifier: Apache-2.0
// Two methods, compared in full: on each benchmark and over all of them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <results/block.hpp>

#include "leaderboard/board.hpp"
#include "leaderboard/paired.hpp"
#include "leaderboard/pooled.hpp"
#include "leaderboard/signs.hpp"

namespace mneme::leaderboard {

// A method in a block, under the name that is shown for it.
struct Side {
    const results::Block* block = nullptr;
    std::size_t method = 0;
    std::string name;
};

struct TaskDifference {
    std::string task;
    Interval a, b, difference; // accuracy after the last task; a - b by the common seeds
};

struct Setting {
    std::string name, a, b; // empty: not set there
};

struct BenchmarkComparison {
    std::string benchmark, evaluated_on, limits_a, limits_b;
    std::vector<std::int32_t> seeds; // complete on both sides
    Interval a, b;                   // over the common seeds
    std::vector<double> by_seed;     // a - b where both are defined
    Differences difference;          // of these
    PairedTest test;
    double p_sign_flips = unknown; // exact, beside the t test; NaN for more than 40 seeds
    SignedRank signed_rank;        // Wilcoxon's
    double p_equal = unknown;
    Posterior posterior; // that a is better, equal within the margin, worse
    Decision decision = Decision::not_decided;
    std::size_t seeds_needed = 0; // in all, for 80 % power; 0: unknown
    std::vector<TaskDifference> tasks;
    std::vector<Setting> settings; // those that differ
    std::string sentence;
};

struct Comparison {
    std::string a, b; // names
    const Measure* metric = nullptr;
    double alpha = 0.05; // of each test: less than was asked for where runs went on until decided
    double margin = unknown;
    std::vector<BenchmarkComparison> benchmarks;
    Pooled pooled;                 // with two benchmarks or more
    double p_sign_flips = unknown; // of the mean over benchmarks; NaN for more than 40 runs
    Posterior signed_rank;         // over benchmarks
    std::string sentence;
};

// Each pair of sides is of one benchmark. Throws ExitError (bad_input) where their data, tasks or
// split differ: the sentence says what.
Comparison compare(const std::vector<std::pair<Side, Side>>&, const BoardOptions&);

} // namespace mneme::leaderboard
