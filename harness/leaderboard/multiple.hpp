// SPDX-License-Identifier: Apache-2.0
// Many comparisons at once: adjusted p values, and the groups of methods that they leave together.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace mneme::leaderboard {

// Holm's step-down adjustment. NaN, a comparison that could not be made, stays NaN and does not
// count.
std::vector<double> holm(const std::vector<double>& p);

// Benjamini and Hochberg's adjustment, which bounds the expected share of false findings, and
// Bonferroni's, which agrees with simultaneous intervals. NaN as in holm.
std::vector<double> benjamini_hochberg(const std::vector<double>& p);
std::vector<double> bonferroni(const std::vector<double>& p);

// For each p the level that Holm's procedure compares it with: alpha / (G - rank + 1). NaN for NaN.
std::vector<double> holm_levels(const std::vector<double>& p, double alpha);

// The maximal groups of 0..size-1 no two members of which are told apart (`apart` is a symmetric
// size x size matrix). Groups may overlap. Members ascend; groups are ordered by their members.
std::vector<std::vector<std::size_t>> tiers(const std::vector<bool>& apart, std::size_t size);

// The letters of each member's groups: "a", "ab", ... After z comes a2.
std::vector<std::string> tier_letters(const std::vector<std::vector<std::size_t>>& groups,
                                      std::size_t size);

} // namespace mneme::leaderboard
