// SPDX-License-Identifier: Apache-2.0
// The rows of a board, before methods are compared.
#pragma once

#include "leaderboard/board.hpp"

namespace mneme::leaderboard {

// Sorts the methods of the blocks into ranked, oracles, imported and unranked of the board, whose
// metric and options are set; ranks and lists them.
void fill_rows(Board&, const results::Block&, const std::vector<results::Block>& imported);

// An oracle sees what a learner may not (all data at once); its note says so: a line "flags=..."
// with the word, behind the line "method=..." of the method.
bool is_oracle(const std::string& plugin_note, const std::string& method_id);

// "limit 200, limit-test 100", of examples of a task; empty without limits.
std::string limits_of(const results::Block&);

} // namespace mneme::leaderboard
