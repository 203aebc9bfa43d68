// SPDX-License-Identifier: Apache-2.0
// Evaluation within tasks looks, and touches nothing: with every method, in replicas, over a
// restart.
#include "torch_catch.hpp"

#include "../run/cases.hpp"
#include "worker/execution_mode.hpp"
#include "worker/phase_schedule.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

protocol::Cell evaluated(const Case& c, const std::vector<int64_t>& seeds, int64_t points,
                         int64_t examples) {
    auto made = cell(c.plugin, stream_of(c), seeds, c.options, c.train);
    made.evaluation.points = points;
    made.evaluation.examples = examples;
    made.evaluation.weights = "task_ends";
    return made;
}

void check_same_inside(const results::Block& a, const results::Block& b) {
    std::string difference;
    CHECK(same_facts(a, b, difference));
    CHECK(difference == "");
    CHECK(a.continual_step.data == b.continual_step.data);
    CHECK(a.continual_correct.data == b.continual_correct.data);
    CHECK(same_bits(a.weights, b.weights));
}

} // namespace

TEST_CASE("evaluations stand between recorded steps, and are read where the phase ends", "[run]") {
    struct Tape final : host::Graph { // plays what it has recorded
        void record(const std::function<void()>& body) override { body_ = body; }
        void play() override { body_(), ++plays(); }
        static int& plays() {
            static int count = 0;
            return count;
        }
        std::function<void()> body_;
    };
    const Case er{"er", {{"policy", "ring"}, {"memory_per_class", 3}}, {}};
    const auto asked = evaluated(er, {1, 2}, 9, 20);
    const auto called = run(asked);
    const auto played =
        run(asked, method("er"), {[] { return std::make_unique<Tape>(); }, true, {}});
    CHECK(Tape::plays() > 100);
    for (std::size_t r = 0; r < 2; ++r) check_same_inside(played[r], called[r]);
}

TEST_CASE("no method's task ends move when it is evaluated within its tasks", "[run]") {
    for (const auto& c : cases) {
        INFO(c.plugin << " " << c.options.dump());
        const auto off = run(evaluated(c, {1}, 0, 0))[0], on = run(evaluated(c, {1}, 7, 15))[0];
        std::string difference;
        CHECK(same_facts(on, off, difference));
        CHECK(difference == "");
        CHECK(same_bits(on.weights, off.weights));
        CHECK(off.continual_step.empty());
        CHECK(on.continual_step.shape == (std::vector<std::size_t>{1, 1, 3, 7}));
        CHECK(on.continual_evaluated.data == std::vector<int32_t>{15, 15, 15});
    }
}

TEST_CASE("methods of the field answer within tasks too", "[run]") {
    for (const char* plugin : {"lwf", "derpp", "er_ace", "mir", "gdumb", "gem", "icarl",
                               "weight_aligning", "packnet", "hat", "ogd", "gpm", "owm", "ncm",
                               "slda", "single", "weight_averaging", "task_arithmetic", "ties"}) {
        INFO(plugin);
        const bool by_task = method(plugin).flags & MNEME_NEEDS_TASK_ID;
        auto asked = cell(plugin, small_stream(by_task ? "task" : "class"), {1});
        const auto off = run(asked)[0];
        asked.evaluation.points = 3;
        const auto on = run(asked)[0];
        CHECK(on.outcome_message.at({0, 0}) == "");
        std::string difference;
        CHECK(same_facts(on, off, difference));
        CHECK(difference == "");
        if (on.continual_correct.empty()) continue; // it makes no step
        CHECK(on.continual_correct.at({0, 0, 1, 0, 0}) >= 0);
        CHECK((on.continual_correct.at({0, 0, 1, 0, 1}) < 0) == by_task);
    }
}

TEST_CASE("evaluations within tasks are those of a seed alone, and outlive a restart", "[run]") {
    const Case er{"er", {{"policy", "ring"}, {"memory_per_class", 3}}, {}};
    const auto together = run(evaluated(er, {1, 2, 3}, 5, 0));
    for (std::size_t r = 0; r < 3; ++r) {
        const auto one = evaluated(er, {static_cast<int64_t>(r) + 1}, 5, 0);
        check_same_inside(together[r], run(one)[0]);
        check_same_inside(together[r], run_stopped(one)[0]);
    }
}

TEST_CASE("the last evaluation within a task is the row of the matrix, and steps count on",
          "[run]") {
    auto asked = cell("finetune", small_stream(), {1}); // 120 steps a task
    asked.evaluation.every = 30;
    const auto every = run(asked)[0];
    asked.evaluation = {};
    asked.evaluation.points = 8;
    const auto points = run(asked)[0];
    CHECK(every.continual_step.shape[3] == 4);
    for (std::size_t t = 0; t < 3; ++t)
        for (std::size_t k = 0; k < 4; ++k) {
            CHECK(every.continual_step.at({0, 0, t, k}) == 30 * static_cast<int>(k + 1));
            CHECK(points.continual_step.at({0, 0, t, 2 * k + 1}) == 30 * static_cast<int>(k + 1));
            for (std::size_t j = 0; j < 3; ++j) {
                const auto n = every.continual_correct.at({0, 0, t, k, j});
                CHECK(n == points.continual_correct.at({0, 0, t, 2 * k + 1, j}));
                CHECK((n >= 0) == (j <= t)); // a task that has not begun is not asked for
                if (k == 3 && j <= t) CHECK(n == every.n_correct.at({0, 0, t, j}));
            }
        }
}

TEST_CASE("a schedule's evaluations are spread over the steps of a task") {
    for (const auto& [every, points, steps, count] : {std::tuple{0, 10, 120, 10},
                                                      {0, 7, 120, 7},
                                                      {0, 120, 120, 120},
                                                      {50, 0, 120, 2},
                                                      {121, 0, 120, 0},
                                                      {0, 0, 120, 0}}) {
        const harness::EvaluationSchedule schedule{every, points, steps};
        CHECK(schedule.count() == count);
        int64_t next = 0;
        for (int64_t done = 1; done <= steps; ++done)
            if (const int64_t index = schedule.due(done); index >= 0) CHECK(index == next++);
        CHECK(next == count);
        if (points > 0) CHECK(schedule.due(steps) == count - 1);
    }
}

TEST_CASE("what is not asked for is not evaluated, and the rest is as it was", "[run]") {
    auto asked = cell("finetune", small_stream("class"), {1});
    const auto all = run(asked)[0];
    for (const std::string which : {"seen", "last"}) {
        INFO(which);
        asked.evaluation.tasks = which;
        const auto some = run(asked)[0];
        CHECK(some.evaluate == which);
        for (std::size_t j = 0; j < 3; ++j) {
            CHECK(some.initial_correct.at({0, 0, j}) == -1);
            for (std::size_t i = 0; i < 3; ++i) {
                const bool evaluated = which == "seen" ? j <= i : i == 2;
                CHECK(some.n_correct.at({0, 0, i, j}) ==
                      (evaluated ? all.n_correct.at({0, 0, i, j}) : -1));
            }
        }
        CHECK(some.train_loss.data.back() == all.train_loss.data.back());
    }
}
