// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/overview.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include <fmt/format.h>
#include <base/text.hpp>

#include "leaderboard/multiple.hpp"
#include "leaderboard/table.hpp"

namespace mneme::leaderboard {
namespace {

const Row* row_of(const Board& board, const std::string& label) {
    const auto found = std::find_if(board.ranked.begin(), board.ranked.end(),
                                    [&](const Row& row) { return row.label == label; });
    return found == board.ranked.end() ? nullptr : &*found;
}

// Methods in the order of their first appearance, by whether every board ranks them.
void sort_methods(const std::vector<Board>& boards, Overview& out) {
    std::vector<std::string> seen;
    for (const Board& board : boards)
        for (const Row& row : board.ranked)
            if (std::find(seen.begin(), seen.end(), row.label) == seen.end())
                seen.push_back(row.label);
    for (const std::string& label : seen) {
        const bool everywhere = std::all_of(boards.begin(), boards.end(), [&](const Board& board) {
            return row_of(board, label) != nullptr;
        });
        if (everywhere) out.rows.push_back({label, {}, unknown, {}});
        else out.left_out.push_back(label);
    }
}

void add_ranks(const std::vector<Board>& boards, Overview& out) {
    const double sign = out.metric->higher_is_better ? 1 : -1;
    std::vector<std::vector<double>> scores;
    for (const Board& board : boards) {
        auto& row = scores.emplace_back();
        for (const OverviewRow& one : out.rows)
            row.push_back(sign * row_of(board, one.label)->score.mean);
        const auto ranks = mean_ranks_of(row);
        for (std::size_t m = 0; m < ranks.size(); ++m) out.rows[m].ranks.push_back(ranks[m]);
    }
    out.friedman = friedman(scores);
    for (std::size_t m = 0; m < out.rows.size(); ++m)
        out.rows[m].mean_rank = out.friedman.average_ranks[m];
    std::stable_sort(out.rows.begin(), out.rows.end(),
                     [](const auto& a, const auto& b) { return a.mean_rank < b.mean_rank; });
}

Pooled pooled(const std::vector<Board>& boards, const std::string& a, const std::string& b) {
    std::vector<Differences> differences;
    for (const Board& board : boards)
        differences.push_back(differences_of(row_of(board, a)->values, row_of(board, b)->values));
    return pool(differences);
}

void add_differences(const std::vector<Board>& boards, Overview& out) {
    std::vector<double> p;
    for (std::size_t a = 0; a < out.rows.size(); ++a)
        for (std::size_t b = a + 1; b < out.rows.size(); ++b) {
            out.pairs.push_back({a, b, pooled(boards, out.rows[a].label, out.rows[b].label)});
            p.push_back(out.pairs.back().pooled.p);
        }
    const auto adjusted = holm(p);
    const double each = out.alpha / double(std::max<std::size_t>(1, p.size()));
    for (std::size_t g = 0; g < out.pairs.size(); ++g) {
        OverviewPair& pair = out.pairs[g];
        pair.p_adjusted = adjusted[g];
        if (pair.a != 0) continue;
        OverviewRow& row = out.rows[pair.b];
        row.to_first = pair.pooled;
        row.to_first.mean = -row.to_first.mean;
        row.to_first.t = -row.to_first.t;
        std::swap(row.to_first.better, row.to_first.worse);
        row.half = pair.pooled.half(each);
        row.p_adjusted = pair.p_adjusted;
        row.apart = pair.p_adjusted < out.alpha;
    }
}

// By the ranks alone, beside the tests of the mean difference.
void add_rank_tests(Overview& out) {
    std::vector<std::vector<double>> scores; // the ranks serve: fewer is better
    for (std::size_t b = 0; b < out.benchmarks.size(); ++b) {
        auto& row = scores.emplace_back();
        for (const OverviewRow& one : out.rows) row.push_back(-one.ranks[b]);
    }
    const auto conover = holm(conover_p(scores)); // pairs in the order of out.pairs
    for (std::size_t g = 0; g < out.pairs.size(); ++g) {
        OverviewPair& pair = out.pairs[g];
        pair.p_nemenyi = nemenyi_p(out.rows[pair.a].mean_rank - out.rows[pair.b].mean_rank,
                                   out.rows.size(), out.benchmarks.size());
        pair.p_conover = conover[g];
    }
}

std::string about_first(const Overview& out) {
    const OverviewRow &first = out.rows[0], &second = out.rows[1];
    const std::string a = base::one_line(first.label), b = base::one_line(second.label);
    const bool higher = out.metric->higher_is_better;
    const std::size_t ahead = higher ? second.to_first.worse : second.to_first.better,
                      behind = higher ? second.to_first.better : second.to_first.worse;
    if (second.to_first.signs_differ())
        return fmt::format(
            "{} is ahead of {} on {} and behind it on {}, so neither is better over "
            "these {}: choose by benchmark.",
            a, b, counted(ahead, "benchmark"), behind, counted(out.benchmarks.size(), "benchmark"));
    if (second.apart)
        return fmt::format(
            "{} has the best mean rank over {} and is told apart from the next, {}, "
            "by the mean difference.",
            a, counted(out.benchmarks.size(), "benchmark"), b);
    return fmt::format(
        "{} has the best mean rank over {}; the mean difference to the next, {}, "
        "does not tell them apart.",
        a, counted(out.benchmarks.size(), "benchmark"), b);
}

void say(Overview& out) {
    out.sentences.push_back(about_first(out));
    std::vector<std::string> mixed;
    for (std::size_t m = 2; m < out.rows.size(); ++m)
        if (out.rows[m].to_first.signs_differ()) mixed.push_back(out.rows[m].label);
    if (!mixed.empty())
        out.sentences.push_back(fmt::format(
            "The sign differs from benchmark to benchmark for {} too.", listing(mixed)));
    out.notes.push_back(fmt::format(
        "to the first: mean over {} of the difference paired by seed, interval for {} at once.",
        counted(out.benchmarks.size(), "benchmark"), counted(out.pairs.size(), "pair")));
    if (!out.left_out.empty())
        out.notes.push_back(
            fmt::format("Not on every benchmark, so left out here: {}.", listing(out.left_out, 8)));
    const double k = double(out.rows.size());
    if (out.rows.size() < 3) return;
    if (out.diagram)
        out.notes.push_back(fmt::format(
            "Critical difference (Nemenyi): {:.2f} mean ranks; Friedman's test p = {:.3g}.",
            out.critical_difference, out.friedman.p));
    else
        out.notes.push_back(
            fmt::format("No critical-difference diagram: over {} of {} methods mean ranks must "
                        "differ by {:.1f} of at most {:.0f}.",
                        counted(out.benchmarks.size(), "benchmark"), out.rows.size(),
                        out.critical_difference, k - 1));
}

} // namespace

Overview make_overview(const std::vector<Board>& all) {
    Overview out;
    std::vector<Board> boards; // one of imported numbers alone ranks nobody
    std::copy_if(all.begin(), all.end(), std::back_inserter(boards), [](const Board& board) {
        return !board.ranked.empty() || board.imported.empty();
    });
    if (boards.size() < 2) return out;
    out.metric = boards.front().metric;
    out.alpha = boards.front().options.alpha;
    for (const Board& board : boards) {
        out.benchmarks.push_back(board.benchmark);
        out.alpha = std::min(out.alpha, board.level());
    }
    sort_methods(boards, out);
    if (out.rows.size() < 2) {
        out.rows.clear();
        return out;
    }
    add_ranks(boards, out);
    add_differences(boards, out);
    add_rank_tests(out);
    out.critical_difference = critical_difference(out.rows.size(), boards.size(), out.alpha);
    out.diagram =
        out.rows.size() > 2 && out.critical_difference < (double(out.rows.size()) - 1) / 2;
    say(out);
    return out;
}

std::string diagram_text(const Overview& out) {
    if (!out.diagram) return {};
    std::size_t label = 0;
    for (const OverviewRow& row : out.rows)
        label = std::max(label, width(base::one_line(row.label)));
    label = std::min<std::size_t>(label, 30);
    const double columns = 78 - double(label),
                 scale = (columns - 1) / (double(out.rows.size()) - 1);
    const auto at = [&](double rank) {
        return std::size_t(std::lround(std::min(columns - 1, (rank - 1) * scale)));
    };
    std::string text;
    for (const OverviewRow& row : out.rows) {
        std::string line(at(row.mean_rank), ' ');
        line +=
            'o' + std::string(at(row.mean_rank + out.critical_difference) - at(row.mean_rank), '-');
        const std::string name = shortened(base::one_line(row.label), label);
        text += name + std::string(width(name) < label ? label - width(name) : 0, ' ') + "  " +
                line + "\n";
    }
    return text + wrapped("o: mean rank, from 1 (left) to " + std::to_string(out.rows.size()) +
                          " (right). Methods whose o lies on a line are not told apart from "
                          "that line's method by their ranks.");
}

} // namespace mneme::leaderboard
