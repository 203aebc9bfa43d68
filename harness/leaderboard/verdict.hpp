// SPDX-License-Identifier: Apache-2.0
// What a board says, in plain sentences.
#pragma once

#include "leaderboard/board.hpp"

namespace mneme::leaderboard {

// Fills the verdict and the notes of a board whose pairs are compared.
void add_verdict(Board&);

std::string heading(const Board&); // what was compared: metric, split, tasks, seeds, limits

} // namespace mneme::leaderboard
