// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "leaderboard/print.hpp"

namespace mneme::leaderboard {
namespace {

using Json = nlohmann::ordered_json;

// NaN and infinity are no JSON numbers.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json numbers(const std::vector<double>& values) {
    Json out = Json::array();
    for (double value : values) out.push_back(number(value));
    return out;
}

Json interval(const Interval& one) {
    return {{"mean", number(one.mean)}, {"half_width_95", number(one.half)}, {"seeds", one.count}};
}

Json difference(const Board& board, const Row& row) {
    if (row.to_reference.count == 0) return nullptr;
    return {{"mean", number(row.to_reference.mean)},
            {"half_width", number(row.to_reference.half)},
            {"level", 1 - (row.simultaneous ? board.level() : 0.05)},
            {"simultaneous", row.simultaneous},
            {"seeds", row.to_reference.count},
            {"p_adjusted", number(row.p_adjusted)},
            {"decision", row.simultaneous ? Json(name(row.decision)) : Json(nullptr)}};
}

Json row_json(const Board& board, const Row& row) {
    Json json{{"method", row.label},
              {"rank", row.rank == 0 ? Json(nullptr) : Json(row.rank)},
              {"tier", row.tier.empty() ? Json(nullptr) : Json(row.tier)},
              {"score", interval(row.score)},
              {"values", numbers(row.values)}};
    json[board.options.baseline.empty() ? "difference_to_best" : "difference_to_baseline"] =
        difference(board, row);
    json["rank_probability"] =
        row.rank_probability.empty() ? Json(nullptr) : Json(row.rank_probability);
    for (std::size_t i = 0; i < measures().size(); ++i)
        json[measures()[i].name] = number(row.means[i]);
    json["complete_seeds"] = row.complete;
    json["imported"] = row.imported;
    if (!row.remark.empty()) json["not_ranked_because"] = row.remark;
    return json;
}

Json rows_json(const Board& board, const std::vector<Row>& rows) {
    Json out = Json::array();
    for (const Row& row : rows) out.push_back(row_json(board, row));
    return out;
}

Json pair_json(const Board& board, const Pair& pair) {
    const bool known = pair.seeds_needed > 0 && pair.seeds_needed <= most_seeds;
    return {{"a", board.ranked[pair.a].label},
            {"b", board.ranked[pair.b].label},
            {"seeds", pair.difference.n},
            {"mean_difference", number(pair.difference.mean)},
            {"half_width", number(pair.half)},
            {"t", number(pair.test.t)},
            {"degrees_of_freedom", number(pair.test.degrees)},
            {"p", number(pair.test.p)},
            {"p_adjusted", number(pair.p_adjusted)},
            {"p_bonferroni", number(pair.p_bonferroni)},
            {"p_benjamini_hochberg", number(pair.p_benjamini_hochberg)},
            {"p_equal", number(pair.p_equal)},
            {"decision", name(pair.decision)},
            {"seeds_needed", known ? Json(pair.seeds_needed) : Json(nullptr)},
            {"more_seeds_than_1000", pair.seeds_needed > most_seeds}};
}

Json verdict_json(const Verdict& verdict) {
    return {{"text", verdict.text()},
            {"pairs", verdict.pairs},
            {"pairs_told_apart", verdict.apart},
            {"leaders", verdict.leaders},
            {"decided", verdict.decided}};
}

Json looks_json(const Board& board) {
    const Looks& looks = board.looks;
    if (looks.seeds.empty()) return nullptr;
    return {{"seeds", looks.seeds},
            {"taken", looks.taken},
            {"under_way", looks.under_way},
            {"level", board.level()},
            {"alpha_used", looks.spent(board.options.alpha)}};
}

Json friedman_json(const Friedman& test) {
    return {{"chi_square", number(test.chi_square)},
            {"chi_square_corrected_for_ties", number(test.chi_square_tied)},
            {"p_chi_square", number(test.p_tied)},
            {"f", number(test.f)},
            {"degrees_of_freedom", {test.df1, test.df2}},
            {"p", number(test.p)},
            {"kendall_w", number(test.kendall_w)}};
}

Json pair_json(const Overview& overview, const OverviewPair& pair) {
    return {{"a", overview.rows[pair.a].label},
            {"b", overview.rows[pair.b].label},
            {"mean_difference", number(pair.pooled.mean)},
            {"standard_error", number(pair.pooled.error)},
            {"degrees_of_freedom", number(pair.pooled.degrees)},
            {"p", number(pair.pooled.p)},
            {"p_adjusted", number(pair.p_adjusted)},
            {"p_nemenyi", number(pair.p_nemenyi)},
            {"p_conover", number(pair.p_conover)}};
}

Json overview_json(const Overview& overview) {
    if (overview.rows.empty()) return nullptr;
    Json rows = Json::array();
    for (std::size_t m = 0; m < overview.rows.size(); ++m) {
        const OverviewRow& row = overview.rows[m];
        const bool higher = overview.metric->higher_is_better;
        Json json{{"method", row.label}, {"mean_rank", row.mean_rank}, {"ranks", row.ranks}};
        json["difference_to_first"] =
            m == 0 ? Json(nullptr)
                   : Json{{"mean", number(row.to_first.mean)},
                          {"half_width", number(row.half)},
                          {"standard_error", number(row.to_first.error)},
                          {"degrees_of_freedom", number(row.to_first.degrees)},
                          {"p_adjusted", number(row.p_adjusted)},
                          {"better_on", higher ? row.to_first.better : row.to_first.worse},
                          {"worse_on", higher ? row.to_first.worse : row.to_first.better}};
        rows.push_back(json);
    }
    Json pairs = Json::array();
    for (const OverviewPair& pair : overview.pairs) pairs.push_back(pair_json(overview, pair));
    return {{"benchmarks", overview.benchmarks},
            {"text", overview.sentences},
            {"methods", rows},
            {"left_out", overview.left_out},
            {"pairs", pairs},
            {"friedman_p", number(overview.friedman.p)},
            {"friedman", friedman_json(overview.friedman)},
            {"critical_difference", number(overview.critical_difference)},
            {"critical_difference_is_drawn", overview.diagram},
            {"notes", overview.notes}};
}

} // namespace

Json board_json(const Board& board) {
    Json json{{"benchmark", board.benchmark},
              {"benchmark_digest", board.digest},
              {"scenario", board.scenario},
              {"evaluated_on", board.evaluated_on},
              {"limits", board.limits},
              {"metric", board.metric->name},
              {"higher_is_better", board.metric->higher_is_better},
              {"chance_accuracy", number(board.chance)},
              {"seeds", board.seeds},
              {"alpha", board.options.alpha},
              {"margin", number(board.options.margin)},
              {"looks", looks_json(board)},
              {"verdict", verdict_json(board.verdict)},
              {"ranked", rows_json(board, board.ranked)},
              {"oracles", rows_json(board, board.oracles)},
              {"imported", rows_json(board, board.imported)},
              {"incomplete", rows_json(board, board.unranked)}};
    json["pairs"] = Json::array();
    for (const Pair& pair : board.pairs) json["pairs"].push_back(pair_json(board, pair));
    json["variance_prior"] = {{"degrees_of_freedom", number(board.prior.degrees)},
                              {"variance", number(board.prior.variance)}};
    json["rank_resamples"] = board.stability.resamples;
    json["notes"] = board.notes;
    return json;
}

Json to_json(const Leaderboard& leaderboard) {
    Json boards = Json::array();
    for (const Board& board : leaderboard.boards) boards.push_back(board_json(board));
    return {{"leaderboards", boards}, {"overview", overview_json(leaderboard.overview)}};
}

} // namespace mneme::leaderboard
