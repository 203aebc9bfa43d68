// SPDX-License-Identifier: Apache-2.0
// Comparisons for readers and programs. Nothing is computed here.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "leaderboard/comparison.hpp"
#include "leaderboard/table.hpp"

namespace mneme::leaderboard {

std::string print(const std::vector<Comparison>&, Format);
nlohmann::ordered_json to_json(const std::vector<Comparison>&); // compare.schema.json describes it

} // namespace mneme::leaderboard
