// SPDX-License-Identifier: Apache-2.0
#include "plan/suite.hpp"

#include <map>
#include <numeric>
#include <set>

#include <benchmarks/tasks.hpp>

#include "plan/benchmark.hpp"
#include "plan/check.hpp"
#include "plan/expand.hpp"
#include "plan/planned_data.hpp"
#include "plan/suite_keys.hpp"

namespace mneme::harness {

namespace {

constexpr int64_t most_seeds = 1000, greatest_seed = 2147483647;
constexpr std::size_t most_runs = 100000;

std::vector<int64_t> read_seeds(const Member& member) {
    const Node& value = member.value;
    const std::string wanted = "expected a count (seeds = 5 means 1 to 5) or a list of integers";
    std::vector<int64_t> seeds;
    if (value.kind == Node::Kind::integer) {
        seeds.resize(std::size_t(want_integer(member, 1, most_seeds)));
        std::iota(seeds.begin(), seeds.end(), 1);
        return seeds;
    }
    if (value.kind != Node::Kind::array)
        fail(value.where, "seeds is " + kind_of(value) + "; " + wanted);
    if (value.items.empty()) fail(value.where, "seeds is empty; " + wanted);
    if (value.items.size() > std::size_t(most_seeds))
        fail(value.where, "seeds has " + std::to_string(value.items.size()) +
                              " entries; expected at most " + std::to_string(most_seeds));
    std::set<int64_t> seen;
    for (const auto& item : value.items) {
        if (item.kind != Node::Kind::integer)
            fail(item.where, "seeds holds " + kind_of(item) + "; " + wanted);
        seeds.push_back(want_integer({"a seed", item.where, item}, 0, greatest_seed));
        if (!seen.insert(seeds.back()).second)
            fail(item.where,
                 "seed " + std::to_string(seeds.back()) + " is listed twice; list it once");
    }
    return seeds;
}

// Reads every byte of the data; what they say of the tasks goes into the suite.
void read_data(const std::vector<std::string>& places, const Overrides& overrides, Suite& suite) {
    PlannedData data(overrides.data_folders);
    const bench::Limits limits{suite.limit_train, suite.limit_test,
                               suite.evaluate_on == "validation"};
    for (std::size_t b = 0; b < suite.benchmarks.size(); ++b) {
        Benchmark& benchmark = suite.benchmarks[b];
        try {
            benchmark.toml = to_toml(benchmark.spec);
            benchmark.payload = data.payload_digest(benchmark.spec);
            benchmark.digest = benchmark_digest(benchmark.spec, benchmark.payload);
            suite.tasks.push_back(data.tasks(benchmark.spec, limits, suite.seeds));
        } catch (const std::runtime_error& fault) {
            fail(places[b], fault.what());
        }
        const std::string note = missing_classes(benchmark.spec.name, suite.tasks.back());
        if (!note.empty()) suite.notes.push_back(note);
    }
}

// The place of each benchmark's name.
std::vector<std::string> read_benchmarks(const Member& member, const std::filesystem::path& beside,
                                         const Overrides& overrides,
                                         std::vector<Benchmark>& benchmarks) {
    const std::string wanted = "; expected a list of names";
    if (member.value.kind != Node::Kind::array)
        fail(member.value.where, "benchmarks is " + kind_of(member.value) + wanted);
    if (member.value.items.empty()) fail(member.value.where, "benchmarks is empty" + wanted);
    std::vector<std::string> places;
    for (const auto& item : member.value.items) {
        if (item.kind != Node::Kind::text)
            fail(item.where, "benchmarks holds " + kind_of(item) + wanted);
        Benchmark benchmark;
        benchmark.spec = load_benchmark(item.scalar.get<std::string>(), overrides.benchmark_folders,
                                        beside, item.where, overrides.data_folders);
        for (const auto& other : benchmarks)
            if (other.spec.name == benchmark.spec.name)
                fail(item.where, "two benchmarks have the name " + in_quotes(benchmark.spec.name) +
                                     "; expected a name of its own for each");
        benchmarks.push_back(std::move(benchmark));
        places.push_back(item.where);
    }
    return places;
}

std::vector<Entry> read_methods(const Node& root) {
    const Member* member = find(root, "method");
    if (!member)
        fail(root.where, "the suite has no method; expected [[method]] with plugin = \"NAME\"");
    if (member->value.kind != Node::Kind::array)
        fail(member->value.where, "method is " + kind_of(member->value) + "; expected [[method]]");
    if (member->value.items.empty())
        fail(member->value.where, "method is empty; expected [[method]] with plugin = \"NAME\"");
    std::vector<Entry> entries;
    std::map<std::string, std::string> places;
    for (const auto& method : member->value.items)
        for (auto& entry : expand(method)) {
            const auto [other, fresh] = places.emplace(entry.label, entry.where);
            if (!fresh)
                fail(entry.where, "the label " + in_quotes(entry.label) +
                                      " is taken by the method at " + other->second +
                                      "; expected name = \"...\" of its own");
            entries.push_back(std::move(entry));
        }
    return entries;
}

void read_value(const Member& member, const SuiteKey& key, std::string& to) {
    to = key.words.empty() ? want_text(member) : want_choice(member, key.words, key.name);
}
void read_value(const Member& member, const SuiteKey&, double& to) { to = want_real(member, 0); }
void read_value(const Member& member, const SuiteKey& key, int64_t& to) {
    to = want_integer(member, 0, key.most);
}

void read_value(const Member& member, const SuiteKey&, bool& to) { take(member, to); }

void read_plain(const Node& root, Suite& suite) {
    for (const SuiteKey& key : suite_keys()) {
        const Member* member = key.field ? find(root, key.name) : nullptr;
        if (member)
            std::visit([&](auto* value) { read_value(*member, key, *value); }, key.field(suite));
    }
}

void check_evaluation(const Node& root, const protocol::Evaluation& asked) {
    if (asked.every > 0 && asked.points > 0)
        fail(
            find(root, "evaluations")->value.where,
            "evaluate_every and evaluations both say when a task is evaluated within; expected one "
            "of them");
    if (asked.examples > 0 && !asked.within_tasks())
        fail(find(root, "evaluate_examples")->value.where,
             "evaluate_examples is of evaluations within tasks, and there are none; expected "
             "evaluations = 10, or evaluate_every, beside it");
}

} // namespace

Suite load_suite(const std::filesystem::path& path, const Overrides& overrides) {
    Node root = parse_toml_file(path, "suite");
    lay_over(root, overrides);
    allow(root, suite_key_names("suite"), "a suite");
    Suite suite;
    suite.path = path.string();
    suite.title = path.stem().string();
    read_plain(root, suite);
    check_evaluation(root, suite.evaluation);
    const Member* seeds = find(root, "seeds");
    if (!seeds)
        fail(root.where, "the suite has no seeds; expected seeds = 5 (for 1 to 5) or a list");
    suite.seeds = read_seeds(*seeds);
    for (const auto& [name, limit] : {std::pair{"--limit", overrides.limit_train},
                                      std::pair{"--limit-test", overrides.limit_test}})
        if (limit < 0)
            fail(std::string(name) + " " + std::to_string(limit),
                 "fewer than no examples; expected a number of at least 1");
    suite.limit_train = overrides.limit_train;
    suite.limit_test = overrides.limit_test;
    suite.methods = read_methods(root);
    const Member* benchmarks = find(root, "benchmarks");
    if (!benchmarks)
        fail(root.where,
             "the suite has no benchmarks; expected benchmarks = [\"NAME\"] from `mneme list "
             "benchmarks`");
    const auto places =
        read_benchmarks(*benchmarks, path.parent_path(), overrides, suite.benchmarks);

    for (std::size_t b = 0; b < suite.benchmarks.size(); ++b) {
        const auto& spec = suite.benchmarks[b].spec;
        if (suite.evaluate_on == "validation" && spec.stream.validation <= 0)
            fail(benchmarks->value.items[b].where,
                 "benchmark " + in_quotes(spec.name) +
                     " keeps no validation examples; expected evaluate_on = \"test\", or "
                     "validation = 0.1 "
                     "in its [stream]");
    }
    read_data(places, overrides, suite); // when every file is known to be sound
    const std::size_t runs = suite.benchmarks.size() * suite.methods.size() * suite.seeds.size();
    if (runs > most_runs)
        fail(root.where, "the suite asks for " + std::to_string(runs) + " runs; expected at most " +
                             std::to_string(most_runs));
    return suite;
}

} // namespace mneme::harness
