// SPDX-License-Identifier: Apache-2.0
// The task loop: what each clock covers, where draws are made, which classes count, what a failure
// says.
#include "torch_catch.hpp"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <thread>

#include <fcntl.h>

#include <benchmarks/random.hpp>

#include "host/handle.hpp"
#include "support.hpp"
#include "worker/runner.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

const mneme_method& finetune() {
    static const mneme_method& method = test::method("finetune");
    return method;
}

results::Block run_one(const protocol::Cell& cell, const mneme_method& method) {
    return run(cell, method, harness::ExecutionMode::of(cell, method))[0];
}

protocol::Cell one_epoch(bool hidden) {
    auto spec = small_stream();
    spec.train.epochs = 1;
    if (hidden) spec.stream.boundaries = "hidden";
    return cell("finetune", spec, {1});
}

constexpr auto delay = std::chrono::milliseconds(300);
constexpr double delay_s = 0.3;

} // namespace

TEST_CASE("end_task has a clock of its own, on a stream that hides its tasks too", "[run]") {
    mneme_method slow = finetune();
    slow.end_task = [](void* self, const mneme_task* task, mneme_status* status) {
        std::this_thread::sleep_for(delay);
        return finetune().end_task(self, task, status);
    };
    const auto announced = run_one(one_epoch(false), slow), hidden = run_one(one_epoch(true), slow);
    for (std::size_t t : {0u, 1u, 2u}) {
        CHECK(announced.end_task_seconds.at({0, 0, t}) >= delay_s);
        CHECK(announced.train_seconds.at({0, 0, t}) < delay_s);
        CHECK(hidden.train_seconds.at({0, 0, t}) < delay_s);
    }
    CHECK(hidden.end_task_seconds.at({0, 0, 2}) >= delay_s); // it ends once
    for (std::size_t t : {0u, 1u}) CHECK(std::isnan(hidden.end_task_seconds.at({0, 0, t})));
}

TEST_CASE("the time of training is not counted as the end of the task", "[run]") {
    static int64_t left;
    mneme_method slow = finetune();
    slow.observe = [](void* self, const mneme_batch* batch, const mneme_batch* companion,
                      mneme_status* status) {
        if (left-- > 0) std::this_thread::sleep_for(delay);
        return finetune().observe(self, batch, companion, status);
    };
    for (const bool hidden : {false, true}) {
        left = 1;
        const auto block = run_one(one_epoch(hidden), slow);
        CHECK(block.train_seconds.at({0, 0, 0}) >= delay_s);
        CHECK(block.end_task_seconds.at({0, 0, 2}) < delay_s);
        if (!hidden) CHECK(block.end_task_seconds.at({0, 0, 0}) < delay_s);
    }
}

TEST_CASE("each phase of a task draws orders of its own", "[run]") {
    mneme_method twice = finetune();
    twice.phases = [](void* self, const mneme_task* task, mneme_phase* out, int32_t capacity,
                      int32_t* count, mneme_status* status) {
        const auto code = finetune().phases(self, task, out, capacity, count, status);
        if (code == MNEME_OK) out[1] = out[0], *count = 2;
        return code;
    };
    struct Inputs final : harness::RunObserver {
        std::map<int64_t, std::vector<at::Tensor>> of_phase; // of the second task, row by row
        void before_step(host::Learner&, harness::Position at, const mneme_batch& batch) override {
            if (at.task != 1) return;
            const auto x = host::value_of(batch.x).select(0, 0);
            for (int64_t b = 0; b < x.size(0); ++b)
                of_phase[at.phase].push_back(x.select(0, b).clone());
        }
    } inputs;
    const auto wanted = one_epoch(false);
    harness::Reporter reporter(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    harness::Runner(wanted, twice, reporter, 1e9, &inputs).run();
    std::filesystem::remove_all(wanted.output);

    std::map<int64_t, at::Tensor> input_of_row;
    const auto order = [](int64_t phase) { // docs/protocol.md
        return bench::permutation(93, {1, bench::purpose("mneme/order")},
                                  {0, 0, static_cast<uint32_t>(256 + phase)});
    };
    const auto first = order(0), second = order(1);
    REQUIRE(inputs.of_phase[0].size() == 93);
    REQUIRE(inputs.of_phase[1].size() == 93);
    CHECK(first != second);
    for (std::size_t k = 0; k < 93; ++k) input_of_row[first[k]] = inputs.of_phase[0][k];
    int64_t equal = 0;
    for (std::size_t k = 0; k < 93; ++k)
        equal += at::equal(inputs.of_phase[1][k], input_of_row[second[k]]);
    CHECK(equal == 93);
}

TEST_CASE("with blur, the classes of a later task count from the batch in which they first come",
          "[run]") {
    static int64_t early, hidden;
    early = hidden = 0;
    mneme_method watched = finetune();
    watched.observe = [](void* self, const mneme_batch* batch, const mneme_batch* companion,
                         mneme_status* status) {
        const auto label = host::value_of(batch->y);
        const auto counts = host::Session::current().model().head_mask(host::value_of(batch->task));
        hidden += counts.gather(-1, label.unsqueeze(-1)).logical_not().sum().item<int64_t>();
        early += label.ge(3).sum().item<int64_t>(); // classes 0 to 2 are those of the first task
        return finetune().observe(self, batch, companion, status);
    };
    auto wanted = one_epoch(true);
    wanted.data.benchmark.spec.scenario.kind = "class";
    wanted.data.benchmark.spec.stream.blur = 0.8;
    struct FirstPiece final : harness::RunObserver {
        int64_t seen = 0;
        void after_step(host::Learner&, harness::Position at) override {
            if (at.task == 0) seen = early;
        }
    } piece;
    harness::Reporter reporter(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    harness::Runner(wanted, watched, reporter, 1e9, &piece).run();
    std::filesystem::remove_all(wanted.output);
    CHECK(piece.seen > 0);
    CHECK(hidden == 0);
}

TEST_CASE("a failure names its place", "[run]") {
    static int64_t left;
    const auto fails = [](const auto& change) {
        mneme_method failing = finetune();
        change(failing);
        return run_one(one_epoch(false), failing).outcome_message.at({0, 0});
    };
    CHECK(fails([](mneme_method& m) {
              m.begin_task = [](void*, const mneme_task*, mneme_status* s) {
                  return s->code = MNEME_FAILED;
              };
          }) == "task 1: finetune, begin_task: ");
    CHECK(fails([](mneme_method& m) {
              m.begin_phase = [](void*, const mneme_phase*, mneme_status* s) {
                  return s->code = MNEME_FAILED;
              };
          }) == "task 1, phase 1, step 0: finetune, begin_phase: ");
    CHECK(fails([](mneme_method& m) {
              m.end_task = [](void*, const mneme_task*, mneme_status* s) {
                  return s->code = MNEME_FAILED;
              };
          }) == "task 1: finetune, end_task: ");
    left = 13; // of ten steps a task
    CHECK(fails([](mneme_method& m) {
              m.observe = [](void* self, const mneme_batch* batch, const mneme_batch* companion,
                             mneme_status* s) {
                  if (left-- == 0) throw std::runtime_error("fell over");
                  return finetune().observe(self, batch, companion, s);
              };
          }) == "task 2, phase 1, step 3: fell over");
}

TEST_CASE("what a method reports before there is a task is refused, not lost", "[run]") {
    auto asked = cell(ZOO "/reports_itself", small_stream(), {1});
    asked.runs[0].options = {{"early", {true, "suite.toml:1"}}};
    CHECK_THROWS_WITH(run(asked),
                      "reports_itself, create: diagnostic all_steps: reported while "
                      "the method is constructed, of no task; report it from "
                      "begin_task on");
}

TEST_CASE("a run counts how often it went on from a checkpoint", "[run]") {
    const auto asked = cell("finetune", small_stream(), {1});
    CHECK(run(asked).at(0).restart_count.at({0, 0}) == 0);
    CHECK(run_stopped(asked).at(0).restart_count.at({0, 0}) > 0);
}

TEST_CASE("what a method reports of itself lies in its results, and a resumed run keeps it",
          "[run]") {
    auto spec = small_stream(); // three tasks of 93 examples
    spec.train.epochs = 1;
    const std::vector<double> steps{10.25, 20.25, 30.25}, numbers{0, 1, 2}, examples{93, 93, 93};
    const auto asked = [&](const std::vector<int64_t>& seeds) {
        return cell(ZOO "/reports_itself", spec, seeds);
    };
    for (const auto& blocks : {run(asked({1, 2})), run_stopped(asked({1, 2}))})
        for (const auto& block : blocks) {
            REQUIRE(block.diagnostics.size() == 3);
            CHECK(block.diagnostics.at("all_steps").values.data == steps);
            CHECK(block.diagnostics.at("all_steps").help == "steps made so far");
            CHECK(block.diagnostics.at("facts.1").values.data == numbers);
            CHECK(block.diagnostics.at("facts.2").values.data == examples);
            CHECK(block.diagnostics.at("facts.2").units == "1");
            CHECK(block.diagnostics.at("facts.2").values.shape ==
                  std::vector<std::size_t>{1, 1, 3});
        }
}
