// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>

#include "leaderboard/standing.hpp"

namespace mneme::leaderboard {
namespace {

using results::Block;
using results::Outcome;

// Indices of a seed on both sides.
struct CommonSeed {
    std::size_t a, b;
};

[[noreturn]] void refuse(const Block& block, const std::string& what) {
    throw base::ExitError(base::ExitCode::bad_input,
                          fmt::format("compare: {}: {}", base::one_line(block.benchmark), what));
}

void require_same_tasks(const Block& a, const Block& b) {
    if (a.evaluated_on != b.evaluated_on)
        refuse(a, fmt::format("one side is evaluated on {}, the other on {}; compare runs of one "
                              "split",
                              a.evaluated_on, b.evaluated_on));
    if (a.tasks != b.tasks)
        refuse(a, "the two sides have different tasks; compare runs of one benchmark");
    if (a.n_evaluated.data != b.n_evaluated.data)
        refuse(a, fmt::format("the two sides have different test examples ({} beside {}); compare "
                              "runs with equal limits",
                              limits_of(a).empty() ? "no limit" : limits_of(a),
                              limits_of(b).empty() ? "no limit" : limits_of(b)));
}

std::vector<CommonSeed> common_seeds(const Side& a, const Side& b) {
    std::vector<CommonSeed> out;
    if (results::is_imported(*a.block, a.method) != results::is_imported(*b.block, b.method))
        refuse(*a.block,
               "one side is imported, and nobody knows whether its data were those of the "
               "other; `mneme leaderboard --rank-imported` ranks it all the same");
    const auto complete = [](const Side& side, std::size_t s) {
        return Outcome(side.block->outcome.at({side.method, s})) == Outcome::complete;
    };
    for (std::size_t i = 0; i < a.block->seeds.size(); ++i)
        for (std::size_t j = 0; j < b.block->seeds.size(); ++j) {
            if (a.block->seeds[i] != b.block->seeds[j] || !complete(a, i) || !complete(b, j))
                continue;
            for (std::size_t t = 0; t < a.block->tasks.size(); ++t)
                if (a.block->data_digest.at({i, t}) != b.block->data_digest.at({j, t}))
                    refuse(*a.block,
                           fmt::format("under seed {} the two sides saw different data in task "
                                       "\"{}\"; only runs over equal data can be compared",
                                       a.block->seeds[i], base::one_line(a.block->tasks[t])));
            out.push_back({i, j});
        }
    return out;
}

double share(const Side& side, std::size_t seed, std::size_t task) {
    const std::size_t tasks = side.block->tasks.size();
    return accuracies(*side.block, side.method, seed).matrix[(tasks - 1) * tasks + task];
}

template <class Value>
void values_of(const std::vector<CommonSeed>& seeds, Value value, std::vector<double>& a,
               std::vector<double>& b) {
    for (const CommonSeed& seed : seeds) {
        a.push_back(value(true, seed.a));
        b.push_back(value(false, seed.b));
    }
}

Interval interval_of(const Differences& d) { return {d.n, d.mean, paired_t(d).half}; }

std::vector<TaskDifference> by_task(const Side& a, const Side& b,
                                    const std::vector<CommonSeed>& seeds) {
    std::vector<TaskDifference> out;
    for (std::size_t t = 0; t < a.block->tasks.size(); ++t) {
        std::vector<double> left, right;
        values_of(
            seeds, [&](bool first, std::size_t seed) { return share(first ? a : b, seed, t); },
            left, right);
        out.push_back({a.block->tasks[t], t_interval(left), t_interval(right),
                       interval_of(differences_of(left, right))});
    }
    return out;
}

// The lines "key = value" of the options and of [train], and what the run was made by.
std::map<std::string, std::string> settings_of(const Side& side) {
    std::map<std::string, std::string> out;
    const auto found = side.block->provenance.find(side.block->methods[side.method]);
    if (found == side.block->provenance.end()) return out;
    const auto& provenance = found->second;
    for (const char* key : {"options_toml", "train_toml"}) {
        const auto text = provenance.find(key);
        std::istringstream lines(text == provenance.end() ? "" : text->second);
        const std::string prefix = std::string(key) == "train_toml" ? "train." : "";
        for (std::string line; std::getline(lines, line);)
            if (const std::size_t at = line.find(" = "); at != std::string::npos)
                out[prefix + line.substr(0, at)] = line.substr(at + 3);
    }
    for (const char* key :
         {"plugin_id", "plugin_version", "plugin_sha256", "harness_version", "git_commit",
          "libtorch", "blas", "device", "threads", "precision", "conv_impl", "host"})
        if (const auto value = provenance.find(key); value != provenance.end())
            out[key] = value->second;
    return out;
}

std::vector<Setting> settings_that_differ(const Side& a, const Side& b) {
    const auto left = settings_of(a), right = settings_of(b);
    std::map<std::string, Setting> all;
    for (const auto& [name, value] : left) all[name] = {name, value, ""};
    for (const auto& [name, value] : right) {
        Setting& one = all[name];
        one.name = name;
        one.b = value;
    }
    std::vector<Setting> out;
    for (const auto& [name, one] : all)
        if (one.a != one.b) out.push_back(one);
    return out;
}

std::string difference_text(const Comparison& all, const BenchmarkComparison& one) {
    const Unit unit = all.metric->unit;
    std::string text = shown(unit, one.difference.mean, true);
    if (!std::isnan(one.test.half)) text += " ± " + shown(unit, one.test.half);
    return text;
}

std::string seeds_text(const BenchmarkComparison& one) {
    if (one.seeds_needed == 0) return "";
    if (one.seeds_needed > most_seeds)
        return "; more than 1,000 seeds would be needed if it is what it seems";
    const std::size_t n = one.difference.n;
    return fmt::format("; about {} more would do if it is what it seems",
                       std::max<std::size_t>(1, one.seeds_needed > n ? one.seeds_needed - n : 1));
}

std::string said(const Comparison& all, const BenchmarkComparison& one) {
    const std::string a = base::one_line(all.a), b = base::one_line(all.b);
    if (one.seeds.empty())
        return fmt::format("{} and {} have no complete seed in common; run them on the same seeds.",
                           a, b);
    if (std::isnan(one.difference.mean))
        return fmt::format("{} is not defined for {} and {} under a common seed.",
                           all.metric->words(), a, b);
    if (one.difference.n == 1)
        return fmt::format(
            "One common seed: {} differs by {}, and nothing can be tested; run more "
            "seeds (--seeds 5).",
            a, difference_text(all, one));
    if (one.difference.variance == 0 && one.difference.mean == 0)
        return fmt::format("{} and {} have the same scores under every common seed.", a, b);
    const std::string difference = difference_text(all, one);
    const bool ahead = all.metric->higher_is_better == (one.difference.mean > 0);
    switch (one.decision) {
        case Decision::different:
        case Decision::different_within_margin:
            return fmt::format(
                "{} is {} than {}: {}{}.", a, ahead ? "better" : "worse", b, difference,
                one.decision == Decision::different
                    ? ""
                    : fmt::format(", yet within {}", margin_text(all.metric->unit, all.margin)));
        case Decision::equal:
            return fmt::format("{} and {} are equal within {}: {}.", a, b,
                               margin_text(all.metric->unit, all.margin), difference);
        case Decision::not_decided: break;
    }
    return fmt::format("{} and {} are not told apart by these {} seeds: {}{}.", a, b,
                       one.difference.n, difference, seeds_text(one));
}

BenchmarkComparison on_benchmark(const Side& a, const Side& b, const Comparison& all) {
    require_same_tasks(*a.block, *b.block);
    BenchmarkComparison out;
    out.benchmark = a.block->benchmark;
    out.evaluated_on = a.block->evaluated_on;
    out.limits_a = limits_of(*a.block);
    out.limits_b = limits_of(*b.block);
    const auto seeds = common_seeds(a, b);
    for (const CommonSeed& seed : seeds) out.seeds.push_back(a.block->seeds[seed.a]);
    std::vector<double> left, right;
    values_of(
        seeds,
        [&](bool first, std::size_t seed) {
            const Side& side = first ? a : b;
            return all.metric->value(*side.block, side.method, seed);
        },
        left, right);
    out.a = t_interval(left);
    out.b = t_interval(right);
    out.difference = differences_of(left, right);
    out.test = paired_t(out.difference);
    for (std::size_t s = 0; s < left.size(); ++s)
        if (!std::isnan(left[s] - right[s])) out.by_seed.push_back(left[s] - right[s]);
    out.p_sign_flips = sign_flip_p(out.by_seed);
    out.signed_rank = signed_rank(out.by_seed);
    const double margin = std::isnan(all.margin) ? 0 : all.margin;
    out.p_equal = std::isnan(all.margin) ? unknown : equivalence(out.difference, margin).p;
    out.posterior = posterior(out.difference, margin);
    if (!all.metric->higher_is_better) std::swap(out.posterior.better, out.posterior.worse);
    const bool different = out.test.p < all.alpha, equal = out.p_equal < all.alpha;
    out.decision = different ? (equal ? Decision::different_within_margin : Decision::different)
                   : equal   ? Decision::equal
                             : Decision::not_decided;
    if (out.difference.n > 2 && out.difference.variance > 0)
        out.seeds_needed = seeds_needed(out.test.gz, all.alpha);
    out.tasks = by_task(a, b, seeds);
    out.settings = settings_that_differ(a, b);
    out.sentence = said(all, out);
    if (results::is_imported(*a.block, a.method))
        out.sentence += " Both are imported: nobody knows whether their data were the same.";
    return out;
}

std::string over_benchmarks(const Comparison& all) {
    const Pooled& pooled = all.pooled;
    const std::string a = base::one_line(all.a), b = base::one_line(all.b);
    const bool higher = all.metric->higher_is_better;
    if (pooled.signs_differ())
        return fmt::format(
            "Over {}: {} is better on {} and worse on {}, so neither is better than "
            "the other: choose by benchmark.",
            counted(pooled.benchmarks, "benchmark"), a, higher ? pooled.better : pooled.worse,
            higher ? pooled.worse : pooled.better);
    std::string difference = shown(all.metric->unit, pooled.mean, true);
    if (!std::isnan(pooled.error))
        difference += " ± " + shown(all.metric->unit, pooled.half(all.alpha));
    const bool apart = pooled.p < all.alpha;
    const char* how = !apart                        ? "not told apart from"
                      : higher == (pooled.mean > 0) ? "better than"
                                                    : "worse than";
    return fmt::format("Over {}: {} is {} {} by the mean difference, {}.",
                       counted(pooled.benchmarks, "benchmark"), a, how, b, difference);
}

void sum_up(Comparison& all) {
    std::vector<Differences> differences;
    std::vector<double> means, by_run; // a run weighs as it does in the mean over benchmarks
    for (const BenchmarkComparison& one : all.benchmarks) {
        if (one.difference.n == 0) continue;
        differences.push_back(one.difference);
        means.push_back(one.difference.mean);
        for (double d : one.by_seed) by_run.push_back(d / double(one.by_seed.size()));
    }
    if (differences.size() < 2) return;
    all.pooled = pool(differences);
    all.p_sign_flips = sign_flip_p(by_run);
    all.signed_rank = signed_rank_posterior(means, std::isnan(all.margin) ? 0 : all.margin);
    if (!all.metric->higher_is_better) std::swap(all.signed_rank.better, all.signed_rank.worse);
    all.sentence = over_benchmarks(all);
}

} // namespace

Comparison compare(const std::vector<std::pair<Side, Side>>& sides, const BoardOptions& options) {
    Comparison out;
    out.metric = &measure_named(options.metric);
    out.a = sides.front().first.name;
    out.b = sides.front().second.name;
    out.alpha = options.alpha;
    for (const auto& [a, b] : sides)
        for (const Block* block : {a.block, b.block}) // found at one of several looks
            out.alpha = std::min(out.alpha, Looks{block->looks}.level(options.alpha));
    out.margin =
        std::isnan(options.margin) && out.metric->unit == Unit::share ? 0.01 : options.margin;
    for (const auto& [a, b] : sides) out.benchmarks.push_back(on_benchmark(a, b, out));
    sum_up(out);
    return out;
}

} // namespace mneme::leaderboard
