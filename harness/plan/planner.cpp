// SPDX-License-Identifier: Apache-2.0
#include "plan/planner.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <base/error.hpp>
#include <benchmarks/network_kinds.hpp>
#include <benchmarks/tasks.hpp>

#include "plan/check.hpp"

namespace mneme::harness {

namespace {

using base::ExitCode;
using base::ExitError;
using protocol::Constructed;

// The answers in the order of the request; a refusal ends the plan.
std::vector<Constructed> in_order(const std::vector<protocol::Message>& answers,
                                  std::size_t expected) {
    std::vector<Constructed> ordered(expected);
    std::vector<bool> answered(expected);
    for (const auto& answer : answers) {
        if (const auto* refused = std::get_if<protocol::Refused>(&answer))
            throw ExitError(refused->exit, refused->message);
        const auto* constructed = std::get_if<Constructed>(&answer);
        if (!constructed || constructed->index < 0) continue;
        const auto index = static_cast<std::size_t>(constructed->index);
        if (index >= expected) continue;
        ordered[index] = *constructed;
        answered[index] = true;
    }
    for (std::size_t i = 0; i < expected; ++i)
        if (!answered[i])
            throw ExitError(ExitCode::internal, "mneme-worker construct: no answer for entry " +
                                                    std::to_string(i) +
                                                    "; expected one for each of " +
                                                    std::to_string(expected) + " entries");
    return ordered;
}

void check_fit(const Entry& entry, const Benchmark& benchmark, const Constructed& answer) {
    const std::string& scenario = benchmark.spec.scenario.kind;
    if (answer.has_flag("needs_task_id") && scenario != "task")
        fail(entry.where, "method " + in_quotes(entry.label) +
                              " needs the task identity at test, which benchmark " +
                              in_quotes(benchmark.spec.name) + " (scenario " + scenario +
                              ") hides; use a benchmark of scenario task");
    for (const char* flag : {"needs_task_boundaries", "oracle"})
        if (answer.has_flag(flag) && benchmark.spec.stream.hidden())
            fail(entry.where, "method " + in_quotes(entry.label) +
                                  " needs to know where a task ends, which benchmark " +
                                  in_quotes(benchmark.spec.name) +
                                  " hides; use a benchmark with boundaries = \"announced\"");
    std::string key;
    const auto train = protocol::train_from_json(answer.train);
    if (benchmark.spec.stream.once() && train.epochs.value_or(1) != 1)
        fail(entry.where, "method " + in_quotes(entry.label) + " trains " +
                              std::to_string(*train.epochs) + " epochs on benchmark " +
                              in_quotes(benchmark.spec.name) +
                              ", which shows each example once; set epochs = 1");
    const std::string sentence = protocol::fault(train, key);
    if (!sentence.empty())
        fail(entry.where, "method " + in_quotes(entry.label) + " on " +
                              in_quotes(benchmark.spec.name) + ": " + sentence);
}

// A batch of one row has one value in a channel: nothing to normalise it by.
void check_batches(const Entry& entry, const Benchmark& benchmark,
                   const std::vector<std::vector<bench::TaskInfo>>& tasks,
                   const Constructed& answer) {
    const auto train = protocol::train_from_json(answer.train);
    const int64_t batch = train.batch_size.value_or(0);
    if (batch < 1 || !bench::normalises_one_value(benchmark.spec)) return;
    const std::string other = benchmark.spec.network.kind == bench::NetworkName::layers
                                  ? "a norm over \"group\" or \"layer\""
                                  : "norm = \"group\"";
    for (const auto& of_seed : tasks)
        for (const auto& task : of_seed) {
            const bool left = task.train_count % batch == 1 && !train.drop_last.value_or(false);
            if (batch > 1 && !left) continue;
            fail(entry.where,
                 "method " + in_quotes(entry.label) + " on " + in_quotes(benchmark.spec.name) +
                     ": batch_size is " + std::to_string(batch) + ", which gives task " +
                     in_quotes(task.name) + " of " + std::to_string(task.train_count) +
                     " examples a batch of one, and its normalisation has one value a channel; use "
                     "another batch_size, drop_last = true or " +
                     other);
        }
}

Cell cell_for(const Suite& suite, const Benchmark& benchmark, const PluginFile& plugin,
              const Constructed& answer, const PlanOptions& options) {
    if (suite.precision == "tf32" && options.execution.device != "cuda")
        throw ExitError(ExitCode::bad_input,
                        suite.path +
                            ": precision is \"tf32\", which a CPU does not have; use "
                            "\"fp32\", or --device cuda");
    Cell cell;
    cell.plugin = {plugin.id,      plugin.path,  plugin.sha256,
                   answer.version, answer.paper, plugin.note};
    cell.execution = options.execution;
    cell.execution.precision = suite.precision;
    cell.limits = suite.limits;
    cell.data = {benchmark, suite.limit_train, suite.limit_test, suite.evaluate_on,
                 options.data_folders};
    cell.output = options.output;
    cell.evaluation = suite.evaluation;
    if (options.keep_weights) cell.evaluation.weights = "task_ends";
    cell.command_line = options.command_line;
    cell.looks = options.looks;
    return cell;
}

// Entries with equal text can be replicas of one another: points of one method's grid that differ
// in `number` options and lr alone.
std::string bundle(const Entry& entry, const Constructed& answer) {
    Json fixed = Json::object(), train = answer.train;
    for (const auto& option : answer.options)
        if (option.kind != "number") fixed[option.name] = option.value;
    train.erase("lr");
    return canonical(Json::array({entry.where, entry.plugin, fixed, train}));
}

// The runs of one method table on one benchmark that may share a cell, in the order of labels and
// seeds.
struct Group {
    Cell cell; // without runs
    std::size_t most;
    std::vector<Run> runs;
};

void cut(const Group& group, std::vector<Cell>& cells) {
    for (std::size_t first = 0; first < group.runs.size(); first += group.most) {
        cells.push_back(group.cell);
        const std::size_t last = std::min(group.runs.size(), first + group.most);
        cells.back().runs.assign(group.runs.begin() + std::ptrdiff_t(first),
                                 group.runs.begin() + std::ptrdiff_t(last));
    }
}

std::size_t most_runs(const Constructed& answer, const PlanOptions& options) {
    if (!answer.has_flag("batched")) return 1;
    if (options.replicas > 0) return std::size_t(options.replicas);
    return options.execution.device == "cuda" ? SIZE_MAX >> 1 : 1;
}

} // namespace

protocol::ConstructRequest construct_request(const Suite& suite,
                                             const std::vector<PluginFile>& plugins, bool gpu) {
    protocol::ConstructRequest request{gpu};
    for (const auto& benchmark : suite.benchmarks)
        for (std::size_t m = 0; m < suite.methods.size(); ++m)
            request.entries.push_back({plugins.at(m).path, plugins.at(m).sha256, plugins.at(m).id,
                                       benchmark.spec, suite.methods[m].options,
                                       suite.methods[m].train});
    return request;
}

Plan make_plan(const Suite& suite, const std::vector<PluginFile>& plugins,
               const std::vector<protocol::Message>& answers, const PlanOptions& options) {
    const std::vector<Constructed> ordered =
        in_order(answers, suite.benchmarks.size() * suite.methods.size());
    Plan plan{suite.path, suite.title, {}, {}, suite.seeds, {}};
    for (const auto& entry : suite.methods) plan.labels.push_back(entry.label);
    std::size_t index = 0;
    for (const auto& benchmark : suite.benchmarks) {
        plan.benchmarks.push_back(benchmark.spec.name);
        std::vector<Group> groups; // in the order of their first run
        std::map<std::string, std::size_t> places;
        std::map<std::string, const Entry*> digests;
        for (std::size_t m = 0; m < suite.methods.size(); ++m, ++index) {
            const Entry& entry = suite.methods[m];
            const Constructed& answer = ordered[index];
            check_fit(entry, benchmark, answer);
            if (const std::size_t b = plan.benchmarks.size() - 1; b < suite.tasks.size())
                check_batches(entry, benchmark, suite.tasks[b], answer);
            for (const int64_t seed : suite.seeds) {
                const std::string apart =
                    bench::seeds_differ(benchmark.spec) ? " " + std::to_string(seed) : "";
                const auto [place, fresh] =
                    places.emplace(bundle(entry, answer) + apart, groups.size());
                if (fresh)
                    groups.push_back({cell_for(suite, benchmark, plugins.at(m), answer, options),
                                      most_runs(answer, options),
                                      {}});
                Group& group = groups[place->second];
                Run run{"",          entry.label,
                        seed,        entry.options,
                        entry.train, answer.option_values(),
                        answer.train};
                run.digest = protocol::run_digest(group.cell, run);
                const auto [other, first] = digests.emplace(run.digest, &entry);
                if (!first)
                    fail(entry.where, "method " + in_quotes(entry.label) +
                                          " asks for the same runs as " +
                                          in_quotes(other->second->label) +
                                          "; give them other settings, or remove one of the two");
                group.runs.push_back(std::move(run));
            }
        }
        for (const auto& group : groups) cut(group, plan.cells);
    }
    return plan;
}

} // namespace mneme::harness
