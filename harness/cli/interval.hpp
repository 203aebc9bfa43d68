// SPDX-License-Identifier: Apache-2.0
// Means over seeds and their uncertainty.
#pragma once

#include <cstddef>
#include <limits>
#include <span>

namespace mneme::cli {

struct Interval {
    std::size_t count = 0;
    double mean = std::numeric_limits<double>::quiet_NaN();
    double half =
        std::numeric_limits<double>::quiet_NaN(); // mean +- half; NaN for fewer than two values
};

// mean +- t(0.975, n - 1) * s / sqrt(n), s with n - 1. A NaN among the values makes both NaN: a
// mean is never taken over survivors.
Interval t_interval(std::span<const double> values);

} // namespace mneme::cli
