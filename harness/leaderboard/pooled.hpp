// SPDX-License-Identifier: Apache-2.0
// One pair of methods over several benchmarks. The benchmarks are fixed: the statement is about
// these, not about new ones.
#pragma once

#include <vector>

#include "leaderboard/paired.hpp"

namespace mneme::leaderboard {

struct Pooled {
    std::size_t benchmarks = 0, better = 0, worse = 0; // by the sign of the mean difference
    double mean = unknown;                             // over benchmarks, of the mean differences
    double error = unknown;                            // sqrt(sum s_b^2 / n_b) / B
    double degrees = unknown;                          // Satterthwaite's
    double t = unknown, p = unknown;                   // two-sided

    double half(double level) const; // of the interval at 1 - level
    bool signs_differ() const { return better > 0 && worse > 0; }
};

// A benchmark with fewer than two common seeds leaves only the mean and the signs.
Pooled pool(const std::vector<Differences>& by_benchmark);

} // namespace mneme::leaderboard
