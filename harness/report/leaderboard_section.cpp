// SPDX-License-Identifier: Apache-2.0
#include "report/leaderboard_section.hpp"

#include <cmath>

#include <fmt/format.h>
#include <leaderboard/verdict.hpp>

namespace mneme::report {
namespace {

using leaderboard::Board;
using leaderboard::Measure;
using leaderboard::Row;

void number_cell(Markup& out, const std::string& text, double value) {
    if (std::isnan(value)) out.element("td", text);
    else out.element("td", text, {{"data-value", fmt::format("{}", value)}});
}

void row_of(Markup& out, const Board& board, const Row& row, const std::string& rank,
            bool tier_ends) {
    out.open("tr", {{"data-method", row.label}, {"class", tier_ends ? "tier-end" : ""}});
    out.element("td", rank).element("th", row.label, {{"scope", "row"}});
    number_cell(out, leaderboard::with_interval(*board.metric, row.score, false), row.score.mean);
    out.element("td", row.tier.empty() ? "–" : row.tier, {{"class", "text"}});
    const bool first = row.label == board.reference();
    number_cell(out,
                first ? "best"
                : row.to_reference.count == 0
                    ? "–"
                    : leaderboard::with_interval(*board.metric, row.to_reference, true),
                first ? 0 : row.to_reference.mean);
    for (const Measure* side : leaderboard::side_measures(board, false)) {
        const double mean = row.means[std::size_t(side - leaderboard::measures().data())];
        if (std::isnan(row.score.mean)) out.element("td", "–");
        else number_cell(out, leaderboard::cell(row, *side), mean);
    }
    out.element("td", row.imported || row.complete == board.seeds.size()
                          ? fmt::format("{}", row.complete)
                          : fmt::format("{} of {}", row.complete, board.seeds.size()));
    out.close();
}

void table_of(Markup& out, const Board& board) {
    out.open("div", {{"class", "scroll"}}).open("table", {{"class", "sortable"}});
    out.open("thead").open("tr");
    const auto head = [&](const std::string& title, const char* kind = "") {
        out.element("th", title, {{"scope", "col"}, {"class", kind}});
    };
    head("rank"), head("method", "text"), head(board.metric->words()), head("tier", "text");
    head("to the best");
    for (const Measure* side : leaderboard::side_measures(board, false)) head(side->words());
    head("seeds");
    out.close().close().open("tbody");
    for (std::size_t i = 0; i < board.listed.size(); ++i) {
        const Row& row = board.ranked[board.listed[i]];
        const bool last = i + 1 == board.listed.size();
        const bool ends = last || board.ranked[board.listed[i + 1]].tier != row.tier;
        row_of(out, board, row, fmt::format("{}", row.rank), ends);
    }
    for (const Row& row : board.oracles) row_of(out, board, row, "bound", false);
    for (const Row& row : board.imported) row_of(out, board, row, "imported", false);
    for (const Row& row : board.unranked) row_of(out, board, row, "–", false);
    out.close().close().close();
}

void notes_of(Markup& out, const std::vector<std::string>& notes) {
    if (notes.empty()) return;
    out.open("ul", {{"class", "remark"}});
    for (const std::string& note : notes) out.element("li", note);
    out.close();
}

} // namespace

Markup verdict_section(const leaderboard::Leaderboard& all) {
    Markup out;
    out.open("section", {{"id", "verdict"}}).element("h2", "Verdict");
    for (const Board& board : all.boards) {
        out.open("p", {{"class", "verdict"}});
        out.element("strong", board.benchmark + ": ").text(board.verdict.text()).close();
    }
    if (!all.overview.sentences.empty()) {
        out.open("p", {{"class", "verdict"}}).element("strong", "Over benchmarks: ");
        for (const std::string& sentence : all.overview.sentences) out.text(sentence + " ");
        out.close();
    }
    return out.close();
}

Markup leaderboard_section(const leaderboard::Leaderboard& all) {
    Markup out;
    out.open("section", {{"id", "leaderboard"}}).element("h2", "Leaderboard");
    for (const Board& board : all.boards) {
        out.element("h3", leaderboard::heading(board));
        if (board.has_scores()) table_of(out, board);
        notes_of(out, board.notes);
    }
    return out.close();
}

} // namespace mneme::report
