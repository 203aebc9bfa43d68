// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/paired.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>

namespace mneme::leaderboard {
namespace {

// A standard deviation below this share of the values is what rounding leaves of equal numbers.
constexpr double rounding = 1e-13;

// Where the difference is exact, every test has its answer without a distribution.
double quotient(double numerator, double error) {
    if (error > 0) return numerator / error;
    return numerator == 0 ? 0 : std::copysign(std::numeric_limits<double>::infinity(), numerator);
}

} // namespace

double Differences::error() const { return std::sqrt(variance / double(n)); }

Differences differences_of(std::span<const double> a, std::span<const double> b) {
    std::vector<double> d;
    double largest = 0;
    for (std::size_t s = 0; s < a.size(); ++s) {
        if (std::isnan(a[s]) || std::isnan(b[s])) continue;
        d.push_back(a[s] - b[s]);
        largest = std::max({largest, std::abs(a[s]), std::abs(b[s])});
    }
    Differences out{d.size(), mean_of(d), variance_of(d)};
    if (std::sqrt(out.variance) <= rounding * largest) out.variance = 0;
    if (std::abs(out.mean) <= rounding * largest) out.mean = 0;
    return out;
}

double shrink_factor(std::size_t n) {
    if (n < 2) return unknown;
    return 1 - 3 / (4 * double(n - 1) - 1);
}

PairedTest paired_t(const Differences& d) {
    PairedTest test;
    if (d.n < 2) return test;
    test.t = quotient(d.mean, d.error());
    test.p = t_two_sided(test.t, d.degrees());
    test.half = t_quantile(0.975, d.degrees()) * d.error();
    test.dz = quotient(d.mean, std::sqrt(d.variance));
    test.gz = shrink_factor(d.n) == 0 ? 0 : test.dz * shrink_factor(d.n);
    return test;
}

Equivalence equivalence(const Differences& d, double margin) {
    Equivalence out;
    if (d.n < 2) return out;
    out.t_lower = quotient(d.mean + margin, d.error());
    out.t_upper = quotient(d.mean - margin, d.error());
    out.p_lower = t_below(-out.t_lower, d.degrees());
    out.p_upper = t_below(out.t_upper, d.degrees());
    out.p = std::max(out.p_lower, out.p_upper);
    return out;
}

Posterior posterior(const Differences& d, double margin) {
    if (d.n < 2) return {};
    const double better = t_below(quotient(d.mean - margin, d.error()), d.degrees());
    const double worse = t_below(quotient(-margin - d.mean, d.error()), d.degrees());
    return {better, std::max(0.0, 1 - better - worse), worse};
}

double power_of(double dz, double alpha, double n) {
    const double df = n - 1, shift = std::abs(dz) * std::sqrt(n);
    const double critical = t_quantile(1 - alpha / 2, df);
    const boost::math::non_central_t t(df, shift);
    // The far tail, on the other side of 0, matters only for differences near none.
    const double other_side = shift > 7 ? 0 : boost::math::cdf(t, -critical);
    return boost::math::cdf(boost::math::complement(t, critical)) + other_side;
}

std::size_t seeds_needed(double dz, double alpha, double power) {
    dz = std::min(std::abs(dz), 30.0); // beyond that, two or three seeds suffice at any level
    if (!(dz > 0) || !(alpha > 0)) return 0;
    const boost::math::normal normal;
    const double reach = boost::math::quantile(normal, 1 - alpha / 2),
                 guess = std::pow((reach + boost::math::quantile(normal, power)) / dz, 2) +
                         reach * reach / 2;
    if (guess > 1.5 * double(most_seeds)) return most_seeds + 1;
    std::size_t n = std::max<std::size_t>(2, std::size_t(guess)); // near, then step by step
    while (n > 2 && power_of(dz, alpha, double(n - 1)) >= power) --n;
    while (n <= most_seeds && power_of(dz, alpha, double(n)) < power) ++n;
    return std::min(n, most_seeds + 1);
}

} // namespace mneme::leaderboard
