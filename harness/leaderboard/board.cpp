// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/board.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>

#include "leaderboard/multiple.hpp"
#include "leaderboard/standing.hpp"
#include "leaderboard/verdict.hpp"

namespace mneme::leaderboard {
namespace {

constexpr double point = 0.01;

[[noreturn]] void refuse(const std::string& option, const std::string& name,
                         const std::vector<std::string>& known) {
    throw base::ExitError(base::ExitCode::usage,
                          fmt::format("{} {}: unknown; {}", option, base::one_line(name),
                                      base::nearest_or_all(name, known)));
}

void require_known(const BoardOptions& options, const std::vector<std::string>& methods) {
    const auto known = [&](const std::string& label) {
        return std::find(methods.begin(), methods.end(), label) != methods.end();
    };
    for (const std::string& label : options.methods)
        if (!known(label)) refuse("--method", label, methods);
    if (!options.baseline.empty() && !known(options.baseline))
        refuse("--baseline", options.baseline, methods);
    if (!options.sort.empty() && options.sort != "method" && !find_measure(options.sort)) {
        auto names = measure_names();
        names.push_back("method");
        refuse("--sort", options.sort, names);
    }
}

std::vector<Pair> all_pairs(const Board& board) {
    std::vector<Pair> pairs;
    for (std::size_t a = 0; a < board.ranked.size(); ++a)
        for (std::size_t b = a + 1; b < board.ranked.size(); ++b)
            pairs.push_back(
                {a, b, differences_of(board.ranked[a].values, board.ranked[b].values), {}});
    return pairs;
}

// With a baseline only its pairs are tested; the variances are learned from all.
void keep_baseline(std::vector<Pair>& pairs, std::size_t baseline) {
    std::erase_if(pairs, [&](const Pair& p) { return p.a != baseline && p.b != baseline; });
    for (Pair& pair : pairs) {
        if (pair.b == baseline) continue;
        std::swap(pair.a, pair.b);
        pair.difference.mean = -pair.difference.mean;
        pair.test.t = -pair.test.t;
    }
}

Decision decide(const Pair& pair, double alpha) {
    const bool different = pair.p_adjusted < alpha, equal = pair.p_equal < alpha;
    if (different) return equal ? Decision::different_within_margin : Decision::different;
    return equal ? Decision::equal : Decision::not_decided;
}

void adjust(std::vector<Pair>& pairs, double alpha, double margin) {
    std::vector<double> p;
    for (const Pair& pair : pairs) p.push_back(pair.test.p);
    const auto adjusted = holm(p), levels = holm_levels(p, alpha), strict = bonferroni(p),
               loose = benjamini_hochberg(p);
    const auto tested =
        double(std::count_if(p.begin(), p.end(), [](double value) { return !std::isnan(value); }));
    for (std::size_t g = 0; g < pairs.size(); ++g) {
        Pair& pair = pairs[g];
        pair.p_adjusted = adjusted[g];
        pair.p_bonferroni = strict[g];
        pair.p_benjamini_hochberg = loose[g];
        if (std::isnan(pair.test.p)) continue;
        pair.half = pair.test.error == 0
                        ? 0
                        : t_quantile(1 - alpha / (2 * tested), pair.test.degrees) * pair.test.error;
        if (!std::isnan(margin)) pair.p_equal = equivalence(pair.difference, margin).p;
        pair.decision = decide(pair, alpha);
        if (!told_apart(pair.decision) && pair.difference.n > 2 && pair.difference.variance > 0)
            pair.seeds_needed = seeds_needed(paired_t(pair.difference).gz, levels[g]);
    }
}

void compare(Board& board, std::size_t reference) {
    board.pairs = all_pairs(board);
    std::vector<Differences> differences;
    for (const Pair& pair : board.pairs) differences.push_back(pair.difference);
    board.prior = fit_prior(differences);
    const auto tests = moderated_t(differences, board.ranked.size());
    for (std::size_t g = 0; g < tests.size(); ++g) board.pairs[g].test = tests[g];
    if (!board.options.baseline.empty()) keep_baseline(board.pairs, reference);
    adjust(board.pairs, board.level(), board.options.margin);
    for (const Pair& pair : board.pairs) {
        if (pair.a != reference && pair.b != reference) continue;
        Row& row = board.ranked[pair.a == reference ? pair.b : pair.a];
        const double sign = pair.a == reference ? -1 : 1;
        row.to_reference = {pair.difference.n, sign * pair.difference.mean, pair.half};
        row.simultaneous = true;
        row.decision = pair.decision;
        row.p_adjusted = pair.p_adjusted;
    }
    for (Row& oracle : board.oracles) { // outside of the tests: an interval of its own
        const auto d = differences_of(oracle.values, board.ranked[reference].values);
        oracle.to_reference = {d.n, d.mean, paired_t(d).half};
    }
}

void add_tiers(Board& board) {
    const std::size_t k = board.ranked.size();
    std::vector<bool> apart(k * k);
    for (const Pair& pair : board.pairs)
        apart[pair.a * k + pair.b] = apart[pair.b * k + pair.a] = told_apart(pair.decision);
    const auto letters = tier_letters(tiers(apart, k), k);
    for (std::size_t m = 0; m < k; ++m) board.ranked[m].tier = letters[m];
}

void add_stability(Board& board) {
    std::vector<std::vector<double>> scores(board.ranked.size());
    for (std::size_t s = 0; s < board.seeds.size(); ++s) {
        const bool common = std::none_of(board.ranked.begin(), board.ranked.end(),
                                         [s](const Row& row) { return std::isnan(row.values[s]); });
        if (!common) continue;
        ++board.common_seeds;
        for (std::size_t m = 0; m < scores.size(); ++m)
            scores[m].push_back(board.metric->higher_is_better ? board.ranked[m].values[s]
                                                               : -board.ranked[m].values[s]);
    }
    if (board.common_seeds < 2 || scores.size() < 2) return;
    board.stability = rank_stability(scores);
    for (std::size_t m = 0; m < scores.size(); ++m)
        board.ranked[m].rank_probability = board.stability.probability[m];
}

} // namespace

const char* name(Decision decision) {
    switch (decision) {
        case Decision::not_decided: return "not decided";
        case Decision::different: return "different";
        case Decision::equal: return "equal";
        case Decision::different_within_margin: return "different, yet within the margin";
    }
    return "";
}

std::string Board::reference() const {
    if (ranked.empty()) return {};
    return options.baseline.empty() ? ranked.front().label : options.baseline;
}

std::string listing(const std::vector<std::string>& names, std::size_t most) {
    std::vector<std::string> first;
    for (const std::string& name : names) first.push_back(base::one_line(name));
    if (first.size() <= 1) return base::joined(first);
    std::string last = first.back();
    if (first.size() > most + 1) {
        last = fmt::format("{} others", first.size() - most);
        first.resize(most);
    } else {
        first.pop_back();
    }
    return base::joined(first) + " and " + last;
}

std::string counted(std::size_t count, const std::string& noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

Board make_board(const results::Block& block, const BoardOptions& options,
                 const std::vector<results::Block>& imported) {
    Board board;
    board.benchmark = block.benchmark;
    board.digest = block.digest;
    board.scenario = block.scenario;
    board.evaluated_on = block.evaluated_on;
    board.limits = limits_of(block);
    if (block.evaluate != "all")
        board.limits +=
            fmt::format("{}evaluate = \"{}\"", board.limits.empty() ? "" : "; ", block.evaluate);
    board.tasks = block.tasks.size();
    board.chance = block.chance_accuracy;
    board.seeds = block.seeds;
    board.options = options;
    board.metric = &measure_named(options.metric);
    std::vector<std::string> known = block.methods;
    for (const results::Block& one : imported)
        known.insert(known.end(), one.methods.begin(), one.methods.end());
    require_known(options, known);
    if (std::isnan(options.margin) && board.metric->unit == Unit::share)
        board.options.margin = point;
    if (!options.baseline.empty() && !options.methods.empty())
        board.options.methods.push_back(options.baseline);
    fill_rows(board, block, imported);
    std::size_t complete = board.ranked.empty() ? 0 : board.seeds.size();
    for (const Row& row : board.ranked) complete = std::min(complete, row.complete);
    board.looks = looks_at(block.looks, complete, board.seeds.size());
    const auto is_reference = [&](const Row& row) { return row.label == board.reference(); };
    const auto reference = std::find_if(board.ranked.begin(), board.ranked.end(), is_reference);
    if (reference != board.ranked.end()) {
        compare(board, std::size_t(reference - board.ranked.begin()));
        if (options.baseline.empty()) add_tiers(board);
        add_stability(board);
    }
    add_verdict(board);
    return board;
}

} // namespace mneme::leaderboard
