// SPDX-License-Identifier: Apache-2.0
// Comparisons planned beforehand at several numbers of seeds: looks, as group-sequential trials
// call them. Whoever looks again and again until something is significant errs far more often than
// alpha says, so each look is tested at an equal share of alpha. By Bonferroni's inequality the
// table then errs at any look with probability alpha at most, however the looks depend on one
// another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mneme::leaderboard {

// 5, 10, 20, 40, ... as far as they are below `most`, then `most`.
std::vector<std::int64_t> planned_looks(std::int64_t most);

struct Looks {
    std::vector<std::int32_t> seeds; // at each planned look; empty: the number of seeds was fixed
    std::size_t taken = 0;           // complete ones
    bool under_way = false;          // there are seeds beyond the last complete look

    double level(double alpha) const; // of the tests at each look
    double spent(double alpha) const; // by the looks that were taken
};

// `complete`: the seeds that every ranked method has; `begun`: the seeds that any method has.
Looks looks_at(const std::vector<std::int32_t>& planned, std::size_t complete, std::size_t begun);

// "looks at 5, 10 and 20 seeds, each tested at level 0.0167"
std::string plan_text(const std::vector<std::int64_t>& planned, double alpha);

} // namespace mneme::leaderboard
