// SPDX-License-Identifier: Apache-2.0
#include "plan/planner.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <base/sha256.hpp>
#include <benchmarks/dataset.hpp>
#include <benchmarks/tasks.hpp>
#include <mneme/error.hpp>

#include "plan/check.hpp"
#include "plan/train.hpp"

namespace mneme::harness {

namespace {

constexpr int schema_major = 1; // of the results schema: other counts would need other runs

Json table_of(const Settings& settings) {
    Json table = Json::object();
    for (const auto& [key, setting] : settings)
        table[key] = {{"value", setting.value}, {"where", setting.where}};
    return table;
}

bool has_flag(const Json& answer, const char* flag) {
    const Json& flags = answer.at("flags");
    return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

// The answers in the order of the request; a refusal ends the plan.
std::vector<Json> in_order(const std::vector<Json>& answers, std::size_t expected) {
    std::vector<Json> ordered(expected);
    for (const auto& answer : answers) {
        const std::string event = answer.at("event");
        if (event == "refused")
            throw Error(answer.at("message").get<std::string>(), answer.at("exit").get<int>());
        const auto index = answer.at("index").get<std::size_t>();
        if (event == "constructed" && index < expected) ordered[index] = answer;
    }
    for (std::size_t i = 0; i < expected; ++i)
        if (ordered[i].is_null())
            throw Error("mneme-worker construct: no answer for entry " + std::to_string(i) +
                            "; expected one for each of " + std::to_string(expected) + " entries",
                        70);
    return ordered;
}

void check_fit(const Entry& entry, const Benchmark& benchmark, const Json& answer) {
    const std::string& scenario = benchmark.spec.scenario.kind;
    if (has_flag(answer, "needs_task_id") && scenario != "task")
        fail(entry.where, "method " + in_quotes(entry.label) +
                              " needs the task identity at test, which benchmark " +
                              in_quotes(benchmark.spec.name) + " (scenario " + scenario +
                              ") hides; expected a benchmark of scenario task");
    for (const char* flag : {"needs_task_boundaries", "oracle"})
        if (has_flag(answer, flag) && benchmark.spec.stream.hidden())
            fail(entry.where, "method " + in_quotes(entry.label) +
                                  " needs to know where a task ends, which benchmark " +
                                  in_quotes(benchmark.spec.name) +
                                  " hides; expected a benchmark with boundaries = \"announced\"");
    std::string key;
    const auto train = train_from_json(answer.at("train"));
    if (benchmark.spec.stream.once() && train.epochs.value_or(1) != 1)
        fail(entry.where, "method " + in_quotes(entry.label) + " trains " +
                              std::to_string(*train.epochs) + " epochs on benchmark " +
                              in_quotes(benchmark.spec.name) +
                              ", which shows each example once; expected epochs = 1");
    const std::string sentence = fault(train, key);
    if (!sentence.empty())
        fail(entry.where, "method " + in_quotes(entry.label) + " on " +
                              in_quotes(benchmark.spec.name) + ": " + sentence);
}

Cell cell_for(const Suite& suite, const Benchmark& benchmark, const PluginFile& plugin,
              const Json& answer, const PlanOptions& options) {
    if (suite.precision == "tf32" && options.device != "cuda")
        throw Error(suite.path +
                        ": precision is \"tf32\", which a CPU does not have; expected \"fp32\", or "
                        "--device "
                        "cuda",
                    65);
    Cell cell;
    cell.benchmark = benchmark;
    cell.plugin_id = plugin.id;
    cell.plugin_path = plugin.path;
    cell.plugin_sha256 = plugin.sha256;
    cell.plugin_note = plugin.note;
    cell.plugin_version = answer.at("version");
    cell.plugin_paper = answer.at("paper");
    cell.limit_train = suite.limit_train;
    cell.limit_test = suite.limit_test;
    cell.evaluate_on = suite.evaluate_on;
    cell.precision = suite.precision;
    cell.device = options.device;
    cell.threads = options.threads;
    cell.keep_weights = options.keep_weights;
    cell.data_folders = options.data_folders;
    cell.output = options.output;
    cell.command_line = options.command_line;
    cell.wall_limit_s = suite.wall_limit_s;
    cell.stall_limit_s = suite.stall_limit_s;
    cell.memory_limit_mib = suite.memory_limit_mib;
    return cell;
}

// Entries with equal text can be replicas of one another: points of one method's grid that differ
// in `number` options and lr alone.
std::string bundle(const Entry& entry, const Json& answer) {
    Json fixed = Json::object(), train = answer.at("train");
    for (const auto& option : answer.at("options"))
        if (option.at("kind") != "number")
            fixed[option.at("name").get<std::string>()] = option.at("value");
    train.erase("lr");
    return canonical(Json::array({entry.where, entry.plugin, fixed, train}));
}

Json values_of(const Json& options) {
    Json values = Json::object();
    for (const auto& option : options)
        values[option.at("name").get<std::string>()] = option.at("value");
    return values;
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

std::size_t most_runs(const Json& answer, const PlanOptions& options) {
    if (!has_flag(answer, "batched")) return 1;
    if (options.replicas > 0) return std::size_t(options.replicas);
    return options.device == "cuda" ? SIZE_MAX >> 1 : 1;
}

} // namespace

Json construct_request(const Suite& suite, const std::vector<PluginFile>& plugins, bool gpu) {
    Json entries = Json::array();
    for (const auto& benchmark : suite.benchmarks)
        for (std::size_t m = 0; m < suite.methods.size(); ++m)
            entries.push_back({{"plugin", plugins.at(m).path},
                               {"sha256", plugins.at(m).sha256},
                               {"id", plugins.at(m).id},
                               {"spec", to_json(benchmark.spec)},
                               {"options", table_of(suite.methods[m].options)},
                               {"train", table_of(suite.methods[m].train)}});
    return {{"gpu", gpu}, {"entries", entries}};
}

std::string run_digest(const Cell& cell, const Run& run) {
    base::Sha256 hash;
    hash.add(canonical({{"benchmark", cell.benchmark.digest},
                        {"plugin", cell.plugin_id},
                        {"options", run.effective_options},
                        {"train", run.effective_train},
                        {"seed", run.seed},
                        {"limit_train", cell.limit_train},
                        {"limit_test", cell.limit_test},
                        {"evaluate_on", cell.evaluate_on},
                        {"precision", cell.precision},
                        {"device", cell.device},
                        {"schema_major", schema_major}}));
    return hash.hex();
}

Plan make_plan(const Suite& suite, const std::vector<PluginFile>& plugins,
               const std::vector<Json>& answers, const PlanOptions& options) {
    const std::vector<Json> ordered =
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
            const Json& answer = ordered[index];
            check_fit(entry, benchmark, answer);
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
                Run run{"",
                        entry.label,
                        seed,
                        entry.options,
                        entry.train,
                        values_of(answer.at("options")),
                        answer.at("train")};
                run.digest = run_digest(group.cell, run);
                const auto [other, first] = digests.emplace(run.digest, &entry);
                if (!first)
                    fail(entry.where, "method " + in_quotes(entry.label) +
                                          " asks for the same runs as " +
                                          in_quotes(other->second->label) +
                                          "; change the settings, or keep one of the two");
                group.runs.push_back(std::move(run));
            }
        }
        for (const auto& group : groups) cut(group, plan.cells);
    }
    return plan;
}

const Cell& cell_at(const Plan& plan, int64_t index) {
    if (index < 0 || std::size_t(index) >= plan.cells.size())
        throw Error("--index " + std::to_string(index) + ": the plan has " +
                        std::to_string(plan.cells.size()) +
                        (plan.cells.empty()
                             ? " cells; nothing is left to run"
                             : " cells; expected 0 to " + std::to_string(plan.cells.size() - 1)),
                    64);
    return plan.cells[std::size_t(index)];
}

} // namespace mneme::harness
