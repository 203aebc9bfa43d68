// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/print.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <base/escape.hpp>
#include <base/text.hpp>

#include "leaderboard/verdict.hpp"

namespace mneme::leaderboard {
namespace {

constexpr std::size_t columns = 80;

std::string short_words(const Measure& measure) {
    if (measure.name == "train_seconds") return "train s";
    if (measure.name == "kept_bytes") return "kept";
    return measure.words();
}

std::string to_reference(const Board& board, const Row& row) {
    if (row.label == board.reference()) return board.options.baseline.empty() ? "best" : "baseline";
    return row.to_reference.count == 0 ? "-" : with_interval(*board.metric, row.to_reference, true);
}

std::string seeds_of(const Board& board, const Row& row) {
    return row.imported || row.complete == board.seeds.size()
               ? fmt::format("{}", row.complete)
               : fmt::format("{} of {}", row.complete, board.seeds.size());
}

std::string short_name(Decision decision) {
    return decision == Decision::different_within_margin ? "both" : name(decision);
}

std::string stability_of(const Row& row) {
    return row.rank_probability.empty() ? "-" : fmt::format("{:.2f}", row.rank_probability[0]);
}

Table table_with(const Board& board, const std::vector<const Measure*>& sides) {
    const bool baseline = !board.options.baseline.empty();
    Table table{{{"rank", true},
                 {"method"},
                 {board.metric->words(), true},
                 {baseline ? "decision" : "tier"},
                 {baseline ? "to the baseline" : "to the best", true},
                 {"P(1st)", true}},
                {}};
    for (const Measure* side : sides) table.columns.push_back({short_words(*side), true});
    table.columns.push_back({"seeds", true});
    const auto add = [&](const std::string& rank, const Row& row, const std::string& tier) {
        std::vector<std::string> cells{rank,
                                       row.label,
                                       with_interval(*board.metric, row.score, false),
                                       tier,
                                       to_reference(board, row),
                                       stability_of(row)};
        for (const Measure* side : sides)
            cells.push_back(std::isnan(row.score.mean) ? "-" : cell(row, *side));
        cells.push_back(seeds_of(board, row));
        table.rows.push_back(std::move(cells));
    };
    for (std::size_t m : board.listed) {
        const Row& row = board.ranked[m];
        add(fmt::format("{}", row.rank), row,
            !baseline                        ? row.tier
            : row.label == board.reference() ? "-"
                                             : short_name(row.decision));
    }
    for (const Row& row : board.oracles) add("bound", row, "-");
    for (const Row& row : board.imported) add("imp.", row, "-");
    for (const Row& row : board.unranked) add("-", row, "-");
    return table;
}

// As many of the measures beside the score as 80 columns hold.
std::string fitted_table(const Board& board) {
    auto sides = side_measures(board, false);
    while (!sides.empty() && table_width(table_with(board, sides)) > columns) sides.pop_back();
    return render(fitted(table_with(board, sides)), Format::table);
}

std::string board_text(const Board& board, Format format, bool wide) {
    const bool markdown = format == Format::markdown;
    const auto paragraph = [markdown](const std::string& text) {
        return markdown ? base::markdown_text(text) + "\n" : wrapped(text, columns);
    };
    std::string text = markdown ? "## " + base::markdown_text(heading(board)) + "\n\n"
                                : wrapped(heading(board), columns);
    text += paragraph(board.verdict.text()) + "\n";
    if (board.has_scores())
        text += (markdown || wide ? render(table_with(board, side_measures(board, wide)), format)
                                  : fitted_table(board)) +
                "\n";
    for (const std::string& note : board.notes)
        text += markdown ? "- " + base::markdown_text(note) + "\n" : wrapped(note, columns);
    return text;
}

Table overview_table(const Overview& overview, bool by_benchmark) {
    Table table{{{"mean rank", true}, {"method"}}, {}};
    for (std::size_t b = 0; by_benchmark && b < overview.benchmarks.size(); ++b)
        table.columns.push_back({fmt::format("[{}]", b + 1), true});
    table.columns.push_back({"to the first", true});
    table.columns.push_back({"better", true});
    table.columns.push_back({"worse", true});
    for (std::size_t m = 0; m < overview.rows.size(); ++m) {
        const OverviewRow& row = overview.rows[m];
        std::vector<std::string> cells{fmt::format("{:.2f}", row.mean_rank), row.label};
        if (by_benchmark)
            for (double rank : row.ranks) cells.push_back(fmt::format("{:g}", rank));
        const bool higher = overview.metric->higher_is_better;
        const Interval difference{row.to_first.benchmarks, row.to_first.mean, row.half};
        cells.push_back(m == 0 ? "first" : with_interval(*overview.metric, difference, true));
        cells.push_back(
            m == 0 ? "-" : fmt::format("{}", higher ? row.to_first.better : row.to_first.worse));
        cells.push_back(
            m == 0 ? "-" : fmt::format("{}", higher ? row.to_first.worse : row.to_first.better));
        table.rows.push_back(std::move(cells));
    }
    return table;
}

// Without the ranks by benchmark where 80 columns do not hold them.
std::string fitted_table(const Overview& overview) {
    const Table whole = overview_table(overview, true);
    const bool holds = table_width(fitted(whole)) <= columns;
    return render(fitted(holds ? whole : overview_table(overview, false)), Format::table);
}

std::string overview_text(const Overview& overview, Format format, bool wide) {
    if (overview.rows.empty()) return {};
    const bool markdown = format == Format::markdown;
    const auto paragraph = [markdown](const std::string& text) {
        return markdown ? base::markdown_text(text) + "\n" : wrapped(text, columns);
    };
    const std::string title =
        fmt::format("Over {} by {}", counted(overview.benchmarks.size(), "benchmark"),
                    overview.metric->words());
    std::string text = "\n" + (markdown ? "## " + title + "\n\n" : title + "\n");
    text += paragraph(base::joined(overview.sentences, " ")) + "\n" +
            (markdown || wide ? render(overview_table(overview, true), format)
                              : fitted_table(overview)) +
            "\n";
    std::vector<std::string> names;
    for (std::size_t b = 0; b < overview.benchmarks.size(); ++b)
        names.push_back(fmt::format("[{}] {}", b + 1, base::one_line(overview.benchmarks[b])));
    auto notes = overview.notes;
    notes.insert(notes.begin(), "Ranks on " + base::joined(names) + ".");
    for (const std::string& note : notes)
        text += markdown ? "- " + base::markdown_text(note) + "\n" : wrapped(note, columns);
    if (overview.diagram)
        text +=
            markdown ? "\n```\n" + diagram_text(overview) + "```\n" : "\n" + diagram_text(overview);
    return text;
}

} // namespace

Leaderboard make_leaderboard(const std::vector<results::Block>& blocks,
                             const BoardOptions& options) {
    std::vector<Compared> all;
    for (const results::Block& block : blocks) all.push_back({block, {}});
    return make_leaderboard(all, options);
}

Leaderboard make_leaderboard(const std::vector<Compared>& all, const BoardOptions& options) {
    Leaderboard out;
    for (const Compared& one : all)
        out.boards.push_back(options.rank_imported ? make_board(joined(one), options)
                                                   : make_board(one.block, options, one.imported));
    if (options.baseline.empty()) out.overview = make_overview(out.boards);
    return out;
}

std::string with_interval(const Measure& measure, const Interval& interval, bool sign) {
    const std::string text = shown(measure.unit, interval.mean, sign);
    if (std::isnan(interval.mean) || std::isnan(interval.half)) return text;
    return text + " ± " + shown(measure.unit, interval.half);
}

std::vector<const Measure*> side_measures(const Board& board, bool wide) {
    std::vector<const Measure*> out;
    const auto add = [&](const Measure* measure) {
        if (measure != board.metric && std::find(out.begin(), out.end(), measure) == out.end())
            out.push_back(measure);
    };
    if (find_measure(board.options.sort)) add(find_measure(board.options.sort));
    for (const char* name :
         {"train_seconds", "kept_bytes", "forgetting", "backward_transfer", "learning_accuracy"})
        add(find_measure(name));
    if (wide)
        for (const Measure& measure : measures()) add(&measure);
    return out;
}

std::string cell(const Row& row, const Measure& measure) {
    return shown(measure.unit, row.means[std::size_t(&measure - measures().data())]);
}

std::string print(const Leaderboard& leaderboard, Format format, bool wide) {
    if (format == Format::json)
        return to_json(leaderboard)
                   .dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
               "\n";
    if (format == Format::csv) return csv_of(leaderboard);
    if (format == Format::latex) return latex_of(leaderboard, wide);
    std::string text;
    for (const Board& board : leaderboard.boards)
        text += (text.empty() ? "" : "\n") + board_text(board, format, wide);
    return text + overview_text(leaderboard.overview, format, wide);
}

} // namespace mneme::leaderboard
