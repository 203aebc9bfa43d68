// SPDX-License-Identifier: Apache-2.0
// Means, variances and t intervals.
#pragma once

#include <cstddef>
#include <limits>
#include <span>

namespace mneme::leaderboard {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

struct Interval {
    std::size_t count = 0;
    double mean = unknown;
    double half = unknown; // mean ± half; NaN for fewer than two values
};

double mean_of(std::span<const double> values);     // NaN for none
double variance_of(std::span<const double> values); // divided by n - 1; NaN for fewer than two

double t_quantile(double probability, double df); // df may be infinite
double t_two_sided(double t, double df);          // P(|T| > |t|)
double t_below(double t, double df);              // P(T <= t)

// mean ± t(0.975, n - 1) s / sqrt(n). A NaN among the values makes both NaN: a mean is never taken
// over survivors.
Interval t_interval(std::span<const double> values);

} // namespace mneme::leaderboard
