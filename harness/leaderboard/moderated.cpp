// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/moderated.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <boost/math/tools/toms748_solve.hpp>

namespace mneme::leaderboard {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
using boost::math::digamma;
using boost::math::trigamma;

// trigamma falls from infinity to 0, and 1/y < trigamma(y) < 1/y + 1/y^2.
double inverse_trigamma(double value) {
    const double low = 1 / value, high = (1 + std::sqrt(1 + 4 * value)) / (2 * value);
    const auto excess = [value](double y) { return trigamma(y) - value; };
    if (excess(low) <= 0) return low;
    if (excess(high) >= 0) return high;
    std::uintmax_t steps = 200;
    const auto [below, above] = boost::math::tools::toms748_solve(
        excess, low, high, boost::math::tools::eps_tolerance<double>(52), steps);
    return (below + above) / 2;
}

bool varies(const Differences& d) { return d.n > 1 && d.variance > 0; }

} // namespace

VariancePrior fit_prior(const std::vector<Differences>& pairs) {
    std::vector<double> variances, logs, noise;
    for (const Differences& d : pairs) {
        if (!varies(d)) continue;
        const double half = d.degrees() / 2;
        variances.push_back(d.variance);
        logs.push_back(std::log(d.variance) - digamma(half) + std::log(half));
        noise.push_back(trigamma(half)); // the variance that chance gives each logarithm
    }
    if (variances.size() < 3) return {};
    const double spread = variance_of(logs) - mean_of(noise);
    if (!(spread > 0)) return {infinity, mean_of(variances)};
    const double half = inverse_trigamma(spread);
    return {2 * half, std::exp(mean_of(logs) + digamma(half) - std::log(half))};
}

std::vector<ModeratedTest> moderated_t(const std::vector<Differences>& pairs, std::size_t methods,
                                       Cap cap) {
    const VariancePrior prior = fit_prior(pairs);
    std::vector<double> variances;
    double total = 0; // degrees of freedom of all pairs
    for (const Differences& d : pairs) {
        if (!varies(d)) continue;
        variances.push_back(d.variance);
        total += d.degrees();
    }
    const bool exact = variances.empty();
    std::vector<ModeratedTest> tests;
    for (const Differences& d : pairs) {
        ModeratedTest& test = tests.emplace_back();
        if (d.n < 2) continue;
        const double own = d.degrees(),
                     most = cap == Cap::by_pairs ? total : double(methods - 1) * own;
        test.degrees = std::min(prior.degrees + own, std::max(most, own));
        if (exact) test.variance = 0;
        else if (!varies(d))
            test.variance = std::isnan(prior.variance) ? mean_of(variances) : prior.variance;
        else if (prior.degrees == 0) test.variance = d.variance;
        else if (std::isinf(prior.degrees)) test.variance = prior.variance;
        else
            test.variance =
                (prior.degrees * prior.variance + own * d.variance) / (prior.degrees + own);
        test.error = std::sqrt(test.variance / double(d.n));
        test.t = test.error > 0 ? d.mean / test.error
                 : d.mean == 0  ? 0
                                : std::copysign(infinity, d.mean);
        test.p = t_two_sided(test.t, test.degrees);
    }
    return tests;
}

} // namespace mneme::leaderboard
