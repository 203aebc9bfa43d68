// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/interval.hpp"

#include <cmath>
#include <numeric>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace mneme::leaderboard {

namespace math = boost::math;

double mean_of(std::span<const double> values) {
    if (values.empty()) return unknown;
    return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

double variance_of(std::span<const double> values) {
    if (values.size() < 2) return unknown;
    const double mean = mean_of(values);
    double squares = 0;
    for (double value : values) squares += (value - mean) * (value - mean);
    return squares / double(values.size() - 1);
}

double t_quantile(double probability, double df) {
    if (std::isinf(df)) return math::quantile(math::normal(), probability);
    return math::quantile(math::students_t(df), probability);
}

double t_two_sided(double t, double df) {
    if (std::isnan(t) || std::isnan(df)) return unknown;
    if (std::isinf(t)) return 0;
    if (std::isinf(df)) return 2 * math::cdf(math::normal(), -std::abs(t));
    return 2 * math::cdf(math::students_t(df), -std::abs(t));
}

double t_below(double t, double df) {
    if (std::isnan(t) || std::isnan(df)) return unknown;
    if (std::isinf(t)) return t > 0 ? 1 : 0;
    return math::cdf(math::students_t(df), t);
}

Interval t_interval(std::span<const double> values) {
    Interval interval;
    const std::size_t n = interval.count = values.size();
    interval.mean = mean_of(values);
    if (n < 2 || !std::isfinite(interval.mean)) return interval;
    interval.half = t_quantile(0.975, double(n - 1)) * std::sqrt(variance_of(values) / double(n));
    return interval;
}

} // namespace mneme::leaderboard
