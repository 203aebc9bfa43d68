// SPDX-License-Identifier: Apache-2.0
// What the signs and ranks of differences say by themselves, without a normal distribution. The
// tests are exact and weak: below six differences no p is under 0.05, so they accompany the t tests
// and decide nothing.
#pragma once

#include <vector>

#include "leaderboard/paired.hpp"

namespace mneme::leaderboard {

// The share of all 2^n choices of signs whose sum is at least as far from 0 as that of the
// differences. NaN for no difference and for more than `most_signs` differences.
inline constexpr std::size_t most_signs = 40;
double sign_flip_p(const std::vector<double>& differences);

// Wilcoxon's signed-rank test. Differences of 0 are left out; equal ones share the mean of their
// ranks, and p is exact for these.
struct SignedRank {
    double w = unknown, p = unknown; // w: the smaller of the two sums of ranks
};
SignedRank signed_rank(const std::vector<double>& differences);

// The Bayesian signed-rank test of Benavoli et al. (2014), with a pseudo-difference of 0 and weight
// 1/2: the share of posterior draws in which most pairs of differences have a mean above the
// margin, within it, or below it. 50,000 draws by counters, the same ones every time.
Posterior signed_rank_posterior(const std::vector<double>& differences, double margin);

} // namespace mneme::leaderboard
