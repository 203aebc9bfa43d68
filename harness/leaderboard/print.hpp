// SPDX-License-Identifier: Apache-2.0
// Leaderboards for readers and programs. Nothing is computed here.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "leaderboard/imported.hpp"
#include "leaderboard/overview.hpp"
#include "leaderboard/table.hpp"

namespace mneme::leaderboard {

struct Leaderboard {
    std::vector<Board> boards;
    Overview overview; // without rows where there is nothing to sum up
};
Leaderboard make_leaderboard(const std::vector<results::Block>&, const BoardOptions&);
Leaderboard make_leaderboard(const std::vector<Compared>&, const BoardOptions&);

// A table of 80 columns, or with every measure when `wide`; in any format.
std::string print(const Leaderboard&, Format, bool wide = false);

nlohmann::ordered_json board_json(const Board&);
nlohmann::ordered_json to_json(const Leaderboard&); // leaderboard.schema.json describes it
std::string csv_of(const Leaderboard&);             // a row a method and benchmark, full precision
std::string latex_of(const Leaderboard&, bool wide);

// mean ± half in the measure's unit; "-" for NaN.
std::string with_interval(const Measure&, const Interval&, bool sign);

// The measures that stand beside the score, those that matter most first.
std::vector<const Measure*> side_measures(const Board&, bool wide);
std::string cell(const Row&, const Measure&); // its mean over seeds

} // namespace mneme::leaderboard
