// SPDX-License-Identifier: Apache-2.0
// Two methods under the same seeds. All of it is computed from the differences, seed by seed.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "leaderboard/interval.hpp"

namespace mneme::leaderboard {

// Of the differences d = a - b over the common seeds.
struct Differences {
    std::size_t n = 0;
    double mean = unknown;
    double variance = unknown; // n - 1 in the denominator; exactly 0 where only rounding differs
    double degrees() const { return n > 0 ? double(n - 1) : 0; }
    double error() const; // sqrt(variance / n)
};

// Seeds at which either value is NaN are left out. The spans are equally long.
Differences differences_of(std::span<const double> a, std::span<const double> b);

struct PairedTest {
    double t = unknown, p = unknown;   // two-sided
    double half = unknown;             // of the 95 % interval of the mean difference
    double dz = unknown, gz = unknown; // mean / s; gz is shrunk by 1 - 3 / (4 (n - 1) - 1)
};
PairedTest paired_t(const Differences&);

double shrink_factor(std::size_t n); // of dz to gz; 0 for two seeds, NaN for fewer

// Two one-sided t tests: p is small where the mean difference lies within ±margin.
struct Equivalence {
    double t_lower = unknown, p_lower = unknown, t_upper = unknown, p_upper = unknown, p = unknown;
};
Equivalence equivalence(const Differences&, double margin);

// With a flat prior, the mean difference has a t distribution around its estimate.
struct Posterior {
    double better = unknown, equal = unknown,
           worse = unknown; // of a over b: d > margin, within, d < -margin
};
Posterior posterior(const Differences&, double margin);

// The smallest number of seeds at which a two-sided paired t test at level alpha finds a difference
// of dz standard deviations with the given power; `most` + 1 where `most` are not enough, 0 where
// dz is unknown.
inline constexpr std::size_t most_seeds = 1000;
std::size_t seeds_needed(double dz, double alpha, double power = 0.8);
double power_of(double dz, double alpha, double n); // n need not be whole

} // namespace mneme::leaderboard
