// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/looks.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "leaderboard/board.hpp"

namespace mneme::leaderboard {

namespace {

constexpr std::int64_t first_look = 5; // fewer seeds find little even at the whole of alpha

} // namespace

std::vector<std::int64_t> planned_looks(std::int64_t most) {
    std::vector<std::int64_t> looks;
    for (std::int64_t seeds = first_look; seeds < most; seeds *= 2) looks.push_back(seeds);
    looks.push_back(most);
    return looks;
}

double Looks::level(double alpha) const {
    return alpha / double(std::max<std::size_t>(1, seeds.size()));
}

double Looks::spent(double alpha) const { return double(taken) * level(alpha); }

Looks looks_at(const std::vector<std::int32_t>& planned, std::size_t complete, std::size_t begun) {
    Looks looks{planned, 0, false};
    while (looks.taken < planned.size() && std::size_t(planned[looks.taken]) <= complete)
        ++looks.taken;
    const std::size_t seeds = looks.taken > 0 ? std::size_t(planned[looks.taken - 1]) : 0;
    looks.under_way = looks.taken < planned.size() && begun > seeds;
    return looks;
}

std::string plan_text(const std::vector<std::int64_t>& planned, double alpha) {
    std::vector<std::string> counts;
    for (std::int64_t seeds : planned) counts.push_back(fmt::format("{}", seeds));
    if (planned.size() == 1)
        return fmt::format("one look at {} seeds, tested at level {:.3g}", counts[0], alpha);
    return fmt::format("looks at {} seeds, each tested at level {:.3g}",
                       listing(counts, counts.size()), alpha / double(planned.size()));
}

} // namespace mneme::leaderboard
