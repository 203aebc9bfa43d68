// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <fmt/format.h>
#include <base/text.hpp>

#include "leaderboard/print.hpp"

namespace mneme::leaderboard {
namespace {

std::string exact(double value) { return std::isnan(value) ? std::string() : base::number(value); }

} // namespace

std::string csv_of(const Leaderboard& leaderboard) {
    Table table;
    for (const char* title :
         {"benchmark", "group", "rank", "method", "metric", "mean", "half_width_95", "tier",
          "difference", "difference_half_width", "p_adjusted", "decision", "rank_1_probability",
          "complete_seeds", "seeds"})
        table.columns.push_back({title});
    for (const Measure& measure : measures()) table.columns.push_back({measure.name});
    for (const Board& board : leaderboard.boards) {
        const auto add = [&](const char* group, const Row& row) {
            std::vector<std::string> cells{
                board.benchmark,
                group,
                row.rank == 0 ? "" : fmt::format("{}", row.rank),
                row.label,
                board.metric->name,
                exact(row.score.mean),
                exact(row.score.half),
                row.tier,
                exact(row.to_reference.mean),
                exact(row.to_reference.half),
                exact(row.p_adjusted),
                row.simultaneous ? name(row.decision) : "",
                row.rank_probability.empty() ? "" : exact(row.rank_probability[0]),
                fmt::format("{}", row.complete),
                fmt::format("{}", board.seeds.size())};
            for (double mean : row.means) cells.push_back(exact(mean));
            table.rows.push_back(std::move(cells));
        };
        for (std::size_t m : board.listed) add("ranked", board.ranked[m]);
        for (const Row& row : board.oracles) add("oracle", row);
        for (const Row& row : board.imported) add("imported", row);
        for (const Row& row : board.unranked) add("incomplete", row);
    }
    return render(table, Format::csv);
}

} // namespace mneme::leaderboard
