// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/comparison.hpp"

#include <cmath>
#include <fstream>

#include <base/error.hpp>

#include "leaderboard/print_comparison.hpp"
#include "reference.hpp"
#include "sample.hpp"
#include "schema.hpp"

using namespace mneme;
using Catch::Matchers::ContainsSubstring;
using leaderboard::compare;
using leaderboard::Comparison;
using leaderboard::Decision;
using leaderboard::Format;
using sample::block_of;
using sample::even;

namespace {

const double none = std::nan("");

Comparison of(const std::vector<results::Block>& blocks, std::size_t a, std::size_t b,
              const leaderboard::BoardOptions& options = {}) {
    std::vector<std::pair<leaderboard::Side, leaderboard::Side>> sides;
    for (const results::Block& block : blocks)
        sides.push_back({{&block, a, block.methods[a]}, {&block, b, block.methods[b]}});
    return compare(sides, options);
}

std::string sentence(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<std::int32_t> seeds;
    for (std::size_t s = 0; s < a.size(); ++s) seeds.push_back(std::int32_t(s + 1));
    return of({block_of({even("a", a), even("b", b)}, seeds)}, 0, 1).benchmarks[0].sentence;
}

std::string refused(const results::Block& left, const results::Block& right) {
    try {
        compare({{{&left, 0, "a"}, {&right, 0, "b"}}}, {});
    } catch (const base::ExitError& error) {
        CHECK(error.code() == base::ExitCode::bad_input);
        return error.what();
    }
    return {};
}

} // namespace

TEST_CASE("a comparison has the numbers of the references") {
    const auto block = sample::permuted(); // er, mcsgd of paired.json and bayes.json
    const auto one = of({block}, 0, 1).benchmarks[0];
    for (const auto& row : reference::json("paired.json")["expected"]) {
        if (row["benchmark"] != "permuted" || row["a"] != "er" || row["b"] != "mcsgd") continue;
        CHECK(one.difference.mean == reference::near(row["mean"], 1e-12));
        CHECK(one.test.p == reference::near(row["p_t"], 1e-9));
        CHECK(one.test.gz == reference::near(row["hedges_gz"], 1e-9));
        CHECK(one.difference.mean - one.test.half == reference::near(row["ci95"][0], 1e-9));
    }
    for (const auto& row : reference::json("bayes.json")["expected"]["paired_t_rope"]) {
        if (row["benchmark"] != "permuted") continue;
        CHECK(one.posterior.better == reference::near(row["p_a_better"], 1e-9));
        CHECK(one.posterior.worse == reference::near(row["p_b_better"], 1e-9));
    }
    CHECK(one.seeds_needed == leaderboard::seeds_needed(one.test.gz, 0.05));
    CHECK(one.sentence == "er is better than mcsgd: +0.0525 ± 0.0236.");
}

TEST_CASE("differences by task are those of the last row") {
    const auto block = block_of({{"a", {{50, 80}, {60, 90}}}, {"b", {{40, 85}, {52, 93}}}}, {1, 2});
    const auto one = of({block}, 0, 1).benchmarks[0];
    REQUIRE(one.tasks.size() == 2);
    CHECK(one.tasks[0].task == "one");
    CHECK(one.tasks[0].difference.mean == Approx(0.09));
    CHECK(one.tasks[1].difference.mean == Approx(-0.04));
    CHECK(one.tasks[1].a.mean == Approx(0.85));
}

TEST_CASE("settings that differ are named, equal ones are not") {
    auto block = block_of({even("a", {70, 71}), even("b", {60, 62})}, {1, 2});
    block.provenance["a"]["options_toml"] = "memory = 200\nlr = 0.1\n";
    block.provenance["b"]["options_toml"] = "memory = 500\n";
    block.provenance["a"]["train_toml"] = "batch_size = 64\n";
    block.provenance["b"]["train_toml"] = "batch_size = 64\n";
    const auto settings = of({block}, 0, 1).benchmarks[0].settings;
    REQUIRE(settings.size() == 2);
    CHECK(settings[0].name == "lr");
    CHECK(settings[0].b.empty());
    CHECK(settings[1].name == "memory");
    CHECK(settings[1].a == "200");
    CHECK(settings[1].b == "500");
}

TEST_CASE("where less is better, better means less") {
    leaderboard::BoardOptions options;
    options.metric = "kept_bytes";
    const auto one = of({sample::permuted()}, 0, 1, options).benchmarks[0];
    CHECK(one.posterior.better == 1);
    CHECK(one.sentence == "er is better than mcsgd: -2.0 KiB ± 0 B.");
}

TEST_CASE("a sentence for each kind of input") {
    CHECK(sentence({70}, {60}) ==
          "One common seed: a differs by +0.1000, and nothing can be tested; "
          "run more seeds (--seeds 5).");
    CHECK(sentence({70, 71}, {70, 71}) == "a and b have the same scores under every common seed.");
    CHECK(sentence({70, 71, none}, {none, none, 60}) ==
          "a and b have no complete seed in common; run them on the same seeds.");
    CHECK(sentence({70, 72}, {60, 62}) == "a is better than b: +0.1000 ± 0.0000.");
    CHECK(sentence({50.0, 60.1, 70.0, 40.0}, {50.1, 60.0, 70.1, 39.9}) ==
          "a and b are equal within 1 point: 0.0000 ± 0.0018.");
    CHECK_THAT(sentence({50, 60, 70}, {52, 55, 71}),
               ContainsSubstring("a and b are not told apart by these 3 seeds: +0.0067 ± "));
}

TEST_CASE("different tasks, data, splits and limits are refused with a sentence") {
    const auto block = block_of({even("a", {70, 71})}, {1, 2});
    auto other = block;
    other.tasks = {"one", "three"};
    CHECK(refused(block, other) ==
          "compare: toy: the two sides have different tasks; compare runs of one benchmark");
    other = block;
    other.data_digest.at({1, 0}) = "aa";
    CHECK(refused(block, other) ==
          "compare: toy: under seed 2 the two sides saw different data in "
          "task \"one\"; only runs over equal data can be compared");
    other = block;
    other.evaluated_on = "validation";
    CHECK(refused(block, other) ==
          "compare: toy: one side is evaluated on test, the other on "
          "validation; compare runs of one split");
    other = block;
    other.n_evaluated.at({0}) = 100;
    other.limit_test = 100;
    CHECK(refused(block, other) ==
          "compare: toy: the two sides have different test examples (no limit beside limit-test "
          "100); compare runs with equal limits");
}

TEST_CASE("over benchmarks: the mean difference, or that the sign differs") {
    const auto first = block_of({even("a", {70, 71, 72}), even("b", {60, 62, 61})}, {1, 2, 3}, "x");
    const auto second =
        block_of({even("a", {80, 81, 82}), even("b", {70, 71, 73})}, {1, 2, 3}, "y");
    auto third = block_of({even("a", {50, 51, 52}), even("b", {60, 62, 63})}, {1, 2, 3}, "z");
    CHECK_THAT(
        of({first, second}, 0, 1).sentence,
        ContainsSubstring("Over 2 benchmarks: a is better than b by the mean difference, +"));
    CHECK(
        of({first, third}, 0, 1).sentence ==
        "Over 2 benchmarks: a is better on 1 and worse on 1, so neither is better than the other: "
        "choose by benchmark.");
    CHECK(of({first}, 0, 1).sentence.empty());
}

TEST_CASE("the formats of a comparison; JSON is what the schema says") {
    std::ifstream file(MNEME_COMPARE_SCHEMA);
    REQUIRE(file);
    const auto schema = nlohmann::json::parse(file);
    const auto first =
        block_of({even("a|b\\c=&<d>\"\n", {70, 71, 72}), even("b", {60, 62, 61})}, {1, 2, 3}, "x");
    const auto second = block_of({even("a|b\\c=&<d>\"\n", {80}), even("b", {70})}, {1}, "y");
    const std::vector<Comparison> all{of({first, second}, 0, 1), of({second}, 0, 1)};
    for (Format format :
         {Format::table, Format::markdown, Format::latex, Format::csv, Format::json})
        for (char c : print(all, format))
            CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
    CHECK(schema::faults(nlohmann::json::parse(print(all, Format::json)), schema) ==
          std::vector<std::string>{});
    CHECK_THAT(print({of({sample::permuted()}, 0, 1)}, Format::table),
               ContainsSubstring("P(equal within 1 point)"));
}
