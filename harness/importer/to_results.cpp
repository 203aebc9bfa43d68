// SPDX-License-Identifier: Apache-2.0
#include "importer/to_results.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <base/error.hpp>
#include <base/text.hpp>

namespace mneme::importer {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void refuse(const std::string& message) {
    throw base::ExitError(base::ExitCode::bad_input, message);
}

template <class T> std::size_t position(const std::vector<T>& list, const T& value) {
    return static_cast<std::size_t>(std::find(list.begin(), list.end(), value) - list.begin());
}

template <class T> void add(std::vector<T>& list, const T& value) {
    if (position(list, value) == list.size()) list.push_back(value);
}

results::Block empty_block(const Evaluations& all, const std::string& benchmark,
                           const std::string& file) {
    std::vector<std::string> methods;
    std::set<std::int32_t> seeds;
    std::string scenario;
    int last = 0;
    for (const Evaluation& one : all) {
        if (one.run.benchmark != benchmark) continue;
        add(methods, one.run.method);
        seeds.insert(one.run.seed);
        last = std::max({last, one.trained_task, one.evaluated_task, one.tasks});
        if (scenario.empty()) scenario = one.run.scenario;
        if (scenario != one.run.scenario)
            refuse(file + ": benchmark " + base::in_quotes(benchmark) +
                   " has two scenarios; give each a name of its own");
    }
    std::vector<std::string> tasks;
    for (int task = 1; task <= last; ++task) tasks.push_back("task " + std::to_string(task));
    auto block = results::Block::blank(methods, {seeds.begin(), seeds.end()}, tasks, 0, 0);
    block.benchmark = benchmark;
    block.scenario = scenario;
    block.chance_accuracy = 0;
    block.loss = {};
    for (auto member : {&results::Block::train_seconds, &results::Block::evaluate_seconds,
                        &results::Block::end_task_seconds, &results::Block::train_samples,
                        &results::Block::optimizer_steps, &results::Block::kept_bytes,
                        &results::Block::peak_rss_bytes, &results::Block::peak_device_bytes})
        block.*member = {};
    block.reported_accuracy = {block.n_correct.shape, nan};
    return block;
}

void put(results::Block& block, const Evaluation& one, const std::string& file) {
    const std::size_t m = position(block.methods, one.run.method),
                      n = position(block.seeds, one.run.seed),
                      i = static_cast<std::size_t>(one.trained_task) - 1,
                      j = static_cast<std::size_t>(one.evaluated_task) - 1;
    std::int32_t& correct = block.n_correct.at({m, n, i, j});
    double& reported = block.reported_accuracy.at({m, n, i, j});
    const bool other = one.n_correct >= 0
                           ? !std::isnan(reported) || (correct >= 0 && correct != one.n_correct)
                           : correct >= 0 || (!std::isnan(reported) && reported != one.accuracy);
    if (other)
        refuse(file + ": method " + base::in_quotes(one.run.method) + ", seed " +
               std::to_string(one.run.seed) + ", task " + std::to_string(one.evaluated_task) +
               " after task " + std::to_string(one.trained_task) +
               " stands there twice with other numbers; leave one of the two out");
    if (one.n_correct < 0) {
        reported = one.accuracy;
        return;
    }
    correct = one.n_correct;
    std::int32_t& evaluated = block.n_evaluated.at({j});
    if (evaluated != -1 && evaluated != one.n_evaluated)
        refuse(file + ": task " + std::to_string(one.evaluated_task) + " has " +
               std::to_string(one.n_evaluated) + " and " + std::to_string(evaluated) +
               " examples; one benchmark has one number, give each its own name");
    evaluated = one.n_evaluated;
}

// A run whose last row is not known has no average accuracy, so it is not complete.
void set_outcomes(results::Block& block) {
    const std::size_t N = block.seeds.size(), T = block.tasks.size();
    const results::Array<double> known = results::accuracy(block);
    for (std::size_t run = 0; run < block.methods.size() * N; ++run) {
        const auto begin = known.data.begin() + static_cast<std::ptrdiff_t>(run * T * T),
                   end = begin + static_cast<std::ptrdiff_t>(T * T);
        const auto is_known = [](double x) { return !std::isnan(x); };
        auto outcome = results::Outcome::complete;
        if (std::none_of(begin, end, is_known)) {
            outcome = results::Outcome::missing;
        } else if (!std::all_of(end - static_cast<std::ptrdiff_t>(T), end, is_known)) {
            outcome = results::Outcome::failed;
            block.outcome_message.data[run] =
                "the file does not hold the accuracy on every task "
                "after the last one";
        }
        block.outcome.data[run] = static_cast<std::int32_t>(outcome);
    }
}

} // namespace

results::File results_of(const Evaluations& all, const std::string& file,
                         const std::string& format) {
    if (all.empty()) refuse(file + ": holds no evaluation; expected at least one");
    std::vector<std::string> benchmarks;
    for (const Evaluation& one : all) {
        if (one.run.benchmark.empty() || one.run.method.empty() || one.run.scenario.empty())
            refuse(file +
                   ": does not say the benchmark, the method or the scenario; give "
                   "--benchmark, --method and --scenario");
        add(benchmarks, one.run.benchmark);
    }
    results::File out;
    out.title = "imported from " + file;
    for (const std::string& benchmark : benchmarks) {
        results::Block block = empty_block(all, benchmark, file);
        std::map<std::string, int> decimals;
        for (const Evaluation& one : all)
            if (one.run.benchmark == benchmark) {
                put(block, one, file);
                int& most = decimals[one.run.method];
                most = std::max(most, one.decimals);
            }
        set_outcomes(block);
        for (const std::string& method : block.methods)
            block.provenance[method] = {{"origin", "imported"},
                                        {"imported_from", file},
                                        {"imported_format", format},
                                        {"reported_decimals", std::to_string(decimals[method])}};
        out.blocks.push_back(std::move(block));
    }
    return out;
}

} // namespace mneme::importer
