// SPDX-License-Identifier: Apache-2.0
// A leaderboard for a reader: tables in several formats, or JSON.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/board.hpp"
#include "cli/table.hpp"

namespace mneme::cli {

nlohmann::ordered_json board_json(const Board&);
std::string board_text(const std::vector<Board>&, Format); // any format

} // namespace mneme::cli
