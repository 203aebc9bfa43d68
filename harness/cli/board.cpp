// SPDX-License-Identifier: Apache-2.0
#include "cli/board.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>

#include <fmt/format.h>

namespace mneme::cli {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double share(std::int32_t correct, std::int32_t evaluated) {
    return correct >= 0 && evaluated > 0 ? double(correct) / double(evaluated) : nan;
}

double mean(const std::vector<double>& values) {
    return values.empty()
               ? nan
               : std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

// An oracle sees what a learner may not (all data at once); its note says so: a line "flags=..."
// with the word, behind the method's own.
bool is_oracle(const results::Block& block, const std::string& label) {
    const auto found = block.provenance.find(label);
    if (found == block.provenance.end()) return false;
    const auto note = found->second.find("plugin_note"), id = found->second.find("plugin_id");
    if (note == found->second.end()) return false;
    std::istringstream lines(note->second);
    std::string line, method;
    while (std::getline(lines, line)) {
        if (line.rfind("method=", 0) == 0) method = line.substr(7);
        const bool ours = method.empty() || id == found->second.end() || method == id->second;
        if (ours && line.rfind("flags=", 0) == 0 && line.find("oracle") != std::string::npos)
            return true;
    }
    return false;
}

using Costs = results::Array<double>;

double total(const Costs& cost, std::size_t method, std::size_t seed, std::size_t tasks) {
    double sum = 0;
    for (std::size_t t = 0; t < tasks; ++t) sum += cost.empty() ? nan : cost.at({method, seed, t});
    return sum;
}

std::string what_is_missing(const results::Block& block, std::size_t method) {
    std::vector<std::string> parts;
    for (std::size_t s = 0; s < block.seeds.size(); ++s) {
        const auto outcome = results::Outcome(block.outcome.at({method, s}));
        if (outcome != results::Outcome::complete)
            parts.push_back(fmt::format("seed {} {}", block.seeds[s], results::name(outcome)));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

Standing standing(const results::Block& block, std::size_t method, const results::Metric& metric) {
    const std::size_t tasks = block.tasks.size();
    Standing out{};
    out.label = block.methods[method];
    std::vector<double> forgetting, backward, learning, seconds, kept;
    const auto value = [&](const char* name, const Accuracies& a) {
        return results::find_metric(name)->value({a.matrix, tasks}, a.initial);
    };
    for (std::size_t s = 0; s < block.seeds.size(); ++s) {
        out.complete += block.outcome.at({method, s}) == std::int32_t(results::Outcome::complete);
        const Accuracies a = accuracies(block, method, s);
        out.values.push_back(metric.value({a.matrix, tasks}, a.initial));
        forgetting.push_back(value("forgetting", a));
        backward.push_back(value("backward_transfer", a));
        learning.push_back(value("learning_accuracy", a));
        seconds.push_back(total(block.train_seconds, method, s, tasks));
        kept.push_back(block.kept_bytes.empty() || tasks == 0
                           ? nan
                           : block.kept_bytes.at({method, s, tasks - 1}));
    }
    out.missing = what_is_missing(block, method);
    out.forgetting = mean(forgetting);
    out.backward_transfer = mean(backward);
    out.learning_accuracy = mean(learning);
    out.train_seconds = mean(seconds);
    out.kept_bytes = mean(kept);
    if (out.complete == block.seeds.size()) out.score = leaderboard::t_interval(out.values);
    return out;
}

void rank(std::vector<Standing>& standings, bool higher_is_better) {
    std::stable_sort(standings.begin(), standings.end(), [&](const Standing& a, const Standing& b) {
        if (std::isnan(a.score.mean) || std::isnan(b.score.mean))
            return !std::isnan(a.score.mean) && std::isnan(b.score.mean);
        return higher_is_better ? a.score.mean > b.score.mean : a.score.mean < b.score.mean;
    });
}

void compare(std::vector<Standing>& standings, const Standing& best) {
    for (Standing& other : standings) {
        if (other.label == best.label) continue;
        std::vector<double> differences;
        for (std::size_t s = 0; s < best.values.size(); ++s)
            differences.push_back(other.values[s] - best.values[s]);
        other.behind = leaderboard::t_interval(differences);
    }
}

} // namespace

Accuracies accuracies(const results::Block& block, std::size_t method, std::size_t seed) {
    const std::size_t tasks = block.tasks.size();
    Accuracies out;
    for (std::size_t i = 0; i < tasks; ++i)
        for (std::size_t j = 0; j < tasks; ++j)
            out.matrix.push_back(
                share(block.n_correct.at({method, seed, i, j}), block.n_evaluated.at({j})));
    for (std::size_t j = 0; j < tasks; ++j)
        out.initial.push_back(
            share(block.initial_correct.at({method, seed, j}), block.n_evaluated.at({j})));
    return out;
}

Board make_board(const results::Block& block, const results::Metric& metric) {
    Board board{block.benchmark,
                block.digest,
                block.scenario,
                block.evaluated_on,
                metric.name,
                metric.higher_is_better,
                block.chance_accuracy,
                block.seeds,
                {},
                {},
                {}};
    for (std::size_t m = 0; m < block.methods.size(); ++m) {
        Standing one = standing(block, m, metric);
        auto& group = one.complete < block.seeds.size() ? board.incomplete
                      : is_oracle(block, one.label)     ? board.oracles
                                                        : board.ranked;
        group.push_back(std::move(one));
    }
    rank(board.ranked, metric.higher_is_better);
    rank(board.oracles, metric.higher_is_better);
    if (!board.ranked.empty()) {
        const Standing best = board.ranked.front();
        compare(board.ranked, best);
        compare(board.oracles, best);
    }
    return board;
}

} // namespace mneme::cli
