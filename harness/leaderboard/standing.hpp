// SPDX-License-Identifier: Apache-2.0
// The rows of a board, before methods are compared.
#pragma once

#include "leaderboard/board.hpp"

namespace mneme::leaderboard {

// Sorts the block's methods into ranked, oracles and unranked of the board, whose metric and
// options are set; ranks and lists them.
void fill_rows(Board&, const results::Block&);

// "limit 200", "limit 2000 and 200 (er)", "limit 200, limit-test 100"; empty without limits.
std::string limits_of(const results::Block&);

} // namespace mneme::leaderboard
