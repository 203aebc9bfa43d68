// SPDX-License-Identifier: Apache-2.0
#include "cli/interval.hpp"

#include <cmath>
#include <numeric>

#include <boost/math/distributions/students_t.hpp>

namespace mneme::cli {

Interval t_interval(std::span<const double> values) {
    Interval interval;
    const std::size_t n = interval.count = values.size();
    if (n == 0) return interval;
    interval.mean = std::accumulate(values.begin(), values.end(), 0.0) / double(n);
    if (n < 2 || !std::isfinite(interval.mean)) return interval;
    double squares = 0;
    for (double value : values) squares += (value - interval.mean) * (value - interval.mean);
    const double quantile = boost::math::quantile(boost::math::students_t(double(n - 1)), 0.975);
    interval.half = quantile * std::sqrt(squares / double(n - 1) / double(n));
    return interval;
}

} // namespace mneme::cli
