// SPDX-License-Identifier: Apache-2.0
// The ledger of results, without a stream, a network or a learner.
#include "catch.hpp"

#include <cmath>

#include "worker/ledger.hpp"

using namespace mneme;
using harness::Clock;
using harness::Ledger;
using harness::PhaseMeasurements;

namespace {

constexpr std::size_t points = 5; // of a task's curve
constexpr int32_t missing = static_cast<int32_t>(results::Outcome::missing);
constexpr int32_t diverged = static_cast<int32_t>(results::Outcome::diverged);

// Runs of two tasks with 10 test examples each.
Ledger ledger_of(std::size_t runs, const std::string& scenario = "domain") {
    std::vector<results::Block> blocks;
    for (std::size_t r = 0; r < runs; ++r) {
        auto block =
            results::Block::blank({"m"}, {static_cast<int32_t>(r)}, {"a", "b"}, 2, 2 * points);
        block.scenario = scenario;
        if (scenario == "class")
            block.n_correct_task_aware = results::Array<int32_t>({1, 1, 2, 2}, -1);
        block.n_evaluated.at({0}) = block.n_evaluated.at({1}) = 10;
        blocks.push_back(std::move(block));
    }
    return Ledger(std::move(blocks));
}

// Ten rows a step.
PhaseMeasurements measured(int64_t task, int64_t step, harness::NonfiniteSteps nonfinite) {
    return {task, 0, step, std::move(nonfinite), {}, {}, [](int64_t) { return int64_t{10}; }};
}

} // namespace

TEST_CASE("scores before any training and after a task lie in their own arrays") {
    auto ledger = ledger_of(2, "class");
    ledger.record_scores(-1, {1, {3, 4}, {0, 0}, {}, {}});
    ledger.record_scores(1, {0, {5, 6}, {20, INFINITY}, {7, 8}, {1, 2, 3, 4, 5, 6, 7, 8}});
    ledger.record_scores(1, {1, {9, 9}, {10, 10}, {9, 9}, {1, 0, 0, 0, 0, 0, 0, 1}});
    const auto &a = ledger.blocks()[0], &b = ledger.blocks()[1];
    CHECK(a.initial_correct.at({0, 0, 1}) == 3);
    CHECK(b.initial_correct.at({0, 0, 1}) == 4);
    CHECK(a.initial_correct.at({0, 0, 0}) == -1);
    CHECK(a.n_correct.at({0, 0, 1, 0}) == 5);
    CHECK(a.n_correct.at({0, 0, 0, 0}) == -1);
    CHECK(b.n_correct_task_aware.at({0, 0, 1, 0}) == 8);
    CHECK(a.loss.at({0, 0, 1, 0}) == 2); // a mean over ten examples
    CHECK(std::isnan(b.loss.at({0, 0, 1, 0})));
    CHECK(a.confusion.at({0, 0, 1, 0, 0}) == 2); // summed over the tasks
    CHECK(a.confusion.at({0, 0, 1, 1, 0}) == 3);
    CHECK(b.confusion.at({0, 0, 1, 0, 0}) == 5);
    CHECK(b.confusion.at({0, 0, 1, 1, 1}) == 9);
    CHECK(ledger.mean_accuracy(1) == (0.5 + 0.9 + 0.6 + 0.9) / 4);
}

TEST_CASE("steps and samples are charged from one measurement to the next") {
    auto ledger = ledger_of(1);
    ledger.begin_phase(0);
    ledger.record_phase(measured(0, 100, {-1}));
    ledger.record_phase(measured(0, 120, {-1}));
    CHECK(ledger.blocks()[0].optimizer_steps.at({0, 0, 0}) == 120);
    CHECK(ledger.blocks()[0].train_samples.at({0, 0, 0}) == 1200);
    ledger.begin_phase(0); // a second phase of the task
    ledger.record_phase(measured(0, 7, {-1}));
    CHECK(ledger.blocks()[0].optimizer_steps.at({0, 0, 0}) == 127);
    ledger.begin_phase(40); // resumed behind its step 40
    ledger.record_phase(measured(1, 50, {-1}));
    CHECK(ledger.blocks()[0].optimizer_steps.at({0, 0, 1}) == 10);
    CHECK(ledger.blocks()[0].train_samples.at({0, 0, 1}) == 100);
}

TEST_CASE("a run that diverges is charged to the step where that was found, its neighbour on") {
    auto ledger = ledger_of(2);
    ledger.begin_phase(0);
    auto m = measured(1, 300, {-1, 200});
    m.losses = {{1, 0, 100, {30, 50}, {10, 10}},
                {1, 1, 200, {20, 70}, {10, 10}},
                {1, 2, 300, {10, NAN}, {10, 10}},
                {1, 3, 300, {0, 0}, {0, 0}}}; // no row counted
    ledger.record_phase(m);
    const auto &whole = ledger.blocks()[0], &ended = ledger.blocks()[1];
    CHECK(whole.outcome.at({0, 0}) == missing);
    CHECK(ended.outcome.at({0, 0}) == diverged);
    CHECK(ended.outcome_message.at({0, 0}) ==
          "task 2, phase 1, step 200: a weight is not finite; a smaller rate or penalty may help");
    CHECK(whole.optimizer_steps.at({0, 0, 1}) == 300);
    CHECK(ended.optimizer_steps.at({0, 0, 1}) == 200);
    CHECK(whole.train_loss.at({0, 0, points + 2}) == 1);
    CHECK(ended.train_loss.at({0, 0, points + 1}) == 7);
    CHECK(std::isnan(ended.train_loss.at({0, 0, points + 2})));
    CHECK(std::isnan(whole.train_loss.at({0, 0, points + 3})));
    CHECK(std::isnan(whole.train_loss.at({0, 0, 2}))); // the curve of the other task

    ledger.record_phase(measured(1, 400, {-1, 200})); // the same notes once more
    CHECK(ended.optimizer_steps.at({0, 0, 1}) == 200);
    CHECK(whole.optimizer_steps.at({0, 0, 1}) == 400);
    CHECK_FALSE(ledger.all_diverged());
}

TEST_CASE("a run that has diverged gets no further scores, costs or times of training") {
    auto ledger = ledger_of(2);
    ledger.record_divergence(0, {-1, 0});
    CHECK(ledger.blocks()[1].outcome_message.at({0, 0}) ==
          "task 1, end of the task: a weight is not finite; a smaller rate or penalty may help");
    ledger.record_scores(0, {0, {5, 5}, {1, 1}, {}, {}});
    ledger.record_costs(0, {64, 128, 256});
    ledger.add_seconds(Clock::train, 0, 1);
    ledger.add_seconds(Clock::end_task, 0, 2);
    const auto &whole = ledger.blocks()[0], &ended = ledger.blocks()[1];
    CHECK(whole.n_correct.at({0, 0, 0, 0}) == 5);
    CHECK(ended.n_correct.at({0, 0, 0, 0}) == -1);
    CHECK(whole.kept_bytes.at({0, 0, 0}) == 64);
    CHECK(whole.peak_rss_bytes.at({0, 0, 0}) == 128);
    CHECK(whole.peak_device_bytes.at({0, 0, 0}) == 256);
    CHECK(std::isnan(ended.kept_bytes.at({0, 0, 0})));
    CHECK(std::isnan(ended.train_seconds.at({0, 0, 0})));
    CHECK(ledger.mean_accuracy(0) == 0.5);
    ledger.record_divergence(1, {5, -1});
    CHECK(ledger.all_diverged());
    CHECK(std::isnan(ledger.mean_accuracy(0)));
}

TEST_CASE("the three clocks are kept apart, and times of one task add up") {
    auto ledger = ledger_of(1);
    ledger.add_seconds(Clock::train, 0, 1);
    ledger.add_seconds(Clock::train, 0, 2); // resumed
    ledger.add_seconds(Clock::end_task, 0, 4);
    ledger.add_seconds(Clock::evaluate, 0, 8);
    const auto& block = ledger.blocks()[0];
    CHECK(block.train_seconds.at({0, 0, 0}) == 3);
    CHECK(block.end_task_seconds.at({0, 0, 0}) == 4);
    CHECK(block.evaluate_seconds.at({0, 0, 0}) == 8);
    CHECK(std::isnan(block.train_seconds.at({0, 0, 1})));
}

TEST_CASE("an outcome is set once") {
    auto ledger = ledger_of(2);
    ledger.record_divergence(0, {3, -1});
    ledger.set_outcome(results::Outcome::failed, "task 2: fell over");
    ledger.set_outcome(results::Outcome::complete, "");
    CHECK(ledger.blocks()[0].outcome.at({0, 0}) == diverged);
    CHECK(ledger.blocks()[1].outcome.at({0, 0}) == static_cast<int32_t>(results::Outcome::failed));
    CHECK(ledger.blocks()[1].outcome_message.at({0, 0}) == "task 2: fell over");
}

TEST_CASE("digests and provenance are entered for each run") {
    auto ledger = ledger_of(2);
    ledger.set_data_digests({{"a0", "a1"}, {"b0", "b1"}});
    ledger.set_provenance("graphs", "captured");
    CHECK(ledger.blocks()[1].data_digest.at({0, 0}) == "a1");
    CHECK(ledger.blocks()[0].data_digest.at({0, 1}) == "b0");
    for (const auto& block : ledger.blocks())
        CHECK(block.provenance.at("m").at("graphs") == "captured");
}

TEST_CASE("a ledger of blocks from a checkpoint knows which runs have diverged") {
    auto before = ledger_of(2);
    before.record_divergence(0, {-1, 5});
    const Ledger after(before.blocks());
    CHECK(after.diverged(1));
    CHECK_FALSE(after.diverged(0));
}

TEST_CASE("a diagnostic lies under its task, a later report of the task in place of an earlier") {
    auto ledger = ledger_of(2);
    ledger.record_diagnostic({0, "kept", "1", "examples kept", {1, 2}});
    ledger.record_diagnostic({0, "kept", "1", "examples kept", {3, 4}});
    ledger.record_diagnostic({1, "rank", "m", "of each layer", {5, 6, 7, 8}});
    const auto &a = ledger.blocks()[0].diagnostics, &b = ledger.blocks()[1].diagnostics;
    REQUIRE(a.size() == 3);
    CHECK(a.at("kept").values.at({0, 0, 0}) == 3);
    CHECK(b.at("kept").values.at({0, 0, 0}) == 4);
    CHECK(std::isnan(a.at("kept").values.at({0, 0, 1})));
    CHECK(a.at("rank.1").values.at({0, 0, 1}) == 5);
    CHECK(a.at("rank.2").values.at({0, 0, 1}) == 6);
    CHECK(b.at("rank.2").values.at({0, 0, 1}) == 8);
    CHECK(b.at("rank.2").units == "m");
    CHECK(b.at("rank.2").help == "of each layer: 2 of 2");
}

TEST_CASE("a run that has diverged gets no further diagnostics") {
    auto ledger = ledger_of(2);
    ledger.record_divergence(0, {0, -1});
    ledger.record_diagnostic({1, "kept", "1", "examples kept", {1, 2}});
    CHECK(ledger.blocks()[0].diagnostics.empty());
    CHECK(ledger.blocks()[1].diagnostics.at("kept").values.at({0, 0, 1}) == 2);
}
