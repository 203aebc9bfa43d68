// SPDX-License-Identifier: Apache-2.0
// The variance shrinkage of Smyth (2004), "Linear models and empirical Bayes methods for assessing
// differential expression in microarray experiments", here over the pairs of methods of one
// benchmark. Three seeds say little about the variance of one pair; all pairs together say much.
#pragma once

#include <vector>

#include "leaderboard/paired.hpp"

namespace mneme::leaderboard {

// The scaled inverse chi-square distribution that the variances seem to come from.
struct VariancePrior {
    double degrees = 0; // d0; infinite where the variances differ no more than chance makes them
    double variance = unknown; // s0^2; NaN where there were fewer than three variances to fit
};
VariancePrior fit_prior(const std::vector<Differences>&); // of those with n > 1 and variance > 0

// How many degrees of freedom a test may have. Pairs share methods, so their variances are not
// independent, and the sum over pairs that limma allows is too much: (k - 1)(n - 1) keeps the
// family-wise error at its level.
enum class Cap { by_methods, by_pairs };

struct ModeratedTest {
    double variance = unknown; // s~^2
    double degrees = unknown;
    double t = unknown, p = unknown; // two-sided
    double error = unknown;          // sqrt(s~^2 / n)
};

// Of the pairs of `methods` methods. With fewer than three pairs of a variance above 0 it is the
// plain paired t test. A pair of variance 0 is given that of the fit; where all have variance 0 the
// differences are exact: t is 0 or infinite. One seed: NaN.
std::vector<ModeratedTest> moderated_t(const std::vector<Differences>&, std::size_t methods,
                                       Cap = Cap::by_methods);

} // namespace mneme::leaderboard
