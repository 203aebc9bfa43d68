// SPDX-License-Identifier: Apache-2.0
// Numbers of other programs beside runs of our own.
#pragma once

#include <string>
#include <vector>

#include <results/block.hpp>

namespace mneme::leaderboard {

struct Compared {
    results::Block block;
    std::vector<results::Block> imported; // of the same benchmark
};

// Sets each imported block beside the block of its benchmark's name, its methods renamed to
// LABEL@FILE, where scenario and number of tasks are equal; elsewhere it stands by itself, and
// `notes` says why.
std::vector<Compared> set_beside(const std::vector<results::Block>& own,
                                 const std::vector<results::Block>& imported,
                                 std::vector<std::string>& notes);

// All in one block, as if the data under one seed were the same.
results::Block joined(const Compared&);

} // namespace mneme::leaderboard
