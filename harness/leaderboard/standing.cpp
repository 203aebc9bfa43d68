// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/standing.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <sstream>

#include <fmt/format.h>
#include <base/text.hpp>

namespace mneme::leaderboard {
namespace {

using results::Block;
using results::Outcome;

constexpr double rounding = 1e-12;      // scores that differ by less are ties
constexpr double clock_tolerance = 1.1; // seconds are measured, not counted

std::string attribute(const Block& block, const std::string& label, const std::string& key) {
    const auto method = block.provenance.find(label);
    if (method == block.provenance.end()) return {};
    const auto found = method->second.find(key);
    return found == method->second.end() ? std::string() : found->second;
}

Outcome outcome(const Block& block, std::size_t method, std::size_t seed) {
    return Outcome(block.outcome.at({method, seed}));
}

// "seed 2 failed, seed 3 missing"
std::string not_complete(const Block& block, std::size_t method) {
    std::vector<std::string> parts;
    bool none_has_run = true;
    for (std::size_t s = 0; s < block.seeds.size(); ++s) {
        const Outcome how = outcome(block, method, s);
        none_has_run = none_has_run && how == Outcome::missing;
        if (how != Outcome::complete)
            parts.push_back(fmt::format("seed {} {}", block.seeds[s], results::name(how)));
    }
    return none_has_run ? "none has run" : base::joined(parts);
}

double mean_over_complete(const Block& block, std::size_t method, const Measure& measure) {
    std::vector<double> values;
    for (std::size_t s = 0; s < block.seeds.size(); ++s)
        if (outcome(block, method, s) == Outcome::complete)
            values.push_back(measure.value(block, method, s));
    return mean_of(values);
}

Row row_of(const Block& block, std::size_t method, const Measure& metric) {
    Row row;
    row.label = block.methods[method];
    row.imported = results::is_imported(block, method);
    std::size_t without = 0; // seeds that ran and are not complete
    std::vector<double> own;
    for (std::size_t s = 0; s < block.seeds.size(); ++s) {
        const Outcome how = outcome(block, method, s);
        const bool complete = how == Outcome::complete;
        row.complete += complete;
        without += !complete && how != Outcome::missing;
        row.values.push_back(complete ? metric.value(block, method, s) : unknown);
        if (!complete) continue;
        own.push_back(row.values.back());
        if (std::isnan(own.back()) && row.remark.empty())
            row.remark =
                fmt::format("{} is not defined for seed {}", metric.words(), block.seeds[s]);
        if (const auto why = undefined_because(metric, block); !why.empty())
            row.remark = fmt::format("{} is not defined: {}", metric.words(), why);
    }
    for (const Measure& measure : measures())
        row.means.push_back(mean_over_complete(block, method, measure));
    if (without > 0 || row.complete == 0)
        row.remark = fmt::format("{} of {} complete ({})", row.complete,
                                 counted(block.seeds.size(), "seed"), not_complete(block, method));
    else if (row.remark.empty()) row.score = t_interval(own);
    return row;
}

void sort_by_score(std::vector<Row>& rows, bool higher_is_better) {
    std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
        return higher_is_better ? a.score.mean > b.score.mean : a.score.mean < b.score.mean;
    });
}

void rank(std::vector<Row>& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double gap = i == 0 ? 1 : std::abs(rows[i].score.mean - rows[i - 1].score.mean);
        const bool tied = i > 0 && gap <= rounding * std::abs(rows[i].score.mean);
        rows[i].rank = tied ? rows[i - 1].rank : i + 1;
    }
}

std::size_t index_of(const Measure& measure) { return std::size_t(&measure - measures().data()); }

// Moves the methods that need more than the least budget to those that are not ranked.
void keep_to_budget(Board& board) {
    const std::map<std::string, std::string> names{
        {"samples", "train_samples"}, {"seconds", "train_seconds"}, {"bytes", "kept_bytes"}};
    const auto named = names.find(board.options.equal);
    if (named == names.end()) return;
    const Measure& cost = *find_measure(named->second);
    const std::size_t at = index_of(cost);
    const Row* least = nullptr;
    for (const Row& row : board.ranked)
        if (!std::isnan(row.means[at]) && (!least || row.means[at] < least->means[at]))
            least = &row;
    const double budget = least ? least->means[at] : unknown;
    const std::string whose = least ? least->label : "";
    std::vector<Row> kept;
    std::vector<std::string> out;
    for (Row& row : board.ranked) {
        const double most = cost.unit == Unit::second ? budget * clock_tolerance : budget;
        if (row.means[at] <= most) {
            kept.push_back(std::move(row));
            continue;
        }
        row.remark = std::isnan(row.means[at])
                         ? fmt::format("{} not recorded", cost.words())
                         : fmt::format("{} {}, above the budget", cost.words(),
                                       shown(cost.unit, row.means[at]));
        out.push_back(row.label);
        board.unranked.push_back(std::move(row));
    }
    board.ranked = std::move(kept);
    if (!least) return;
    board.notes.push_back(
        fmt::format("Equal {}: the least budget is {} {}, that of {}; {}.", board.options.equal,
                    cost.words(), shown(cost.unit, budget), whose,
                    out.empty() ? "every method keeps to it"
                                : fmt::format("left out for needing more: {}", listing(out, 8))));
}

void list_rows(Board& board) {
    board.listed.resize(board.ranked.size());
    std::iota(board.listed.begin(), board.listed.end(), std::size_t{0});
    const std::string& sort = board.options.sort;
    if (sort.empty()) return;
    const Measure* measure = find_measure(sort);
    const auto before = [&](std::size_t a, std::size_t b) {
        const Row &left = board.ranked[a], &right = board.ranked[b];
        if (!measure) return left.label < right.label;
        const double x = left.means[index_of(*measure)], y = right.means[index_of(*measure)];
        if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);
        return measure->higher_is_better ? x > y : x < y;
    };
    std::stable_sort(board.listed.begin(), board.listed.end(), before);
}

void add_rows(Board& board, const Block& block) {
    const auto& only = board.options.methods;
    for (std::size_t m = 0; m < block.methods.size(); ++m) {
        if (!only.empty() && std::find(only.begin(), only.end(), block.methods[m]) == only.end())
            continue;
        Row row = row_of(block, m, *board.metric);
        const bool oracle = is_oracle(attribute(block, row.label, "plugin_note"),
                                      attribute(block, row.label, "plugin_id"));
        auto& group = std::isnan(row.score.mean)                     ? board.unranked
                      : row.imported && !board.options.rank_imported ? board.imported
                      : oracle                                       ? board.oracles
                                                                     : board.ranked;
        group.push_back(std::move(row));
    }
}

} // namespace

bool is_oracle(const std::string& plugin_note, const std::string& id) {
    std::istringstream lines(plugin_note);
    std::string line, method;
    while (std::getline(lines, line)) {
        if (line.rfind("method=", 0) == 0) method = line.substr(7);
        const bool own = method.empty() || id.empty() || method == id;
        if (own && line.rfind("flags=", 0) == 0 && line.find("oracle") != std::string::npos)
            return true;
    }
    return false;
}

std::string limits_of(const Block& block) {
    std::vector<std::string> parts;
    if (block.limit_train > 0) parts.push_back(fmt::format("limit {}", block.limit_train));
    if (block.limit_test > 0) parts.push_back(fmt::format("limit-test {}", block.limit_test));
    return base::joined(parts);
}

void fill_rows(Board& board, const Block& block, const std::vector<Block>& imported) {
    add_rows(board, block);
    for (const Block& one : imported) add_rows(board, one);
    keep_to_budget(board);
    for (auto* rows : {&board.ranked, &board.oracles, &board.imported})
        sort_by_score(*rows, board.metric->higher_is_better);
    rank(board.ranked);
    list_rows(board);
}

} // namespace mneme::leaderboard
