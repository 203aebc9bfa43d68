// SPDX-License-Identifier: Apache-2.0
// The control that goes over its memory after each epoch.
#include "catch.hpp"

#include <set>

#include "plugin_batches.hpp"
#include "task_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

Json train(int64_t epochs) {
    return {{"lr", 0.2},       {"lr_decay", 0.8}, {"lr_min", 0},
            {"momentum", 0.6}, {"batch_size", 4}, {"epochs", epochs}};
}

} // namespace

TEST_CASE(
    "replay_pass: the first task is plain descent, bit for bit, and so is every task's first "
    "epoch") {
    TaskFixture control(TaskFixture::layout(0.3), "replay_pass", Json::object(), train(3)),
        naive(TaskFixture::layout(0.3), "finetune", Json::object(), train(3));
    control.task(0), naive.task(0);
    CHECK(control->theta() == naive->theta());
    control->begin_task(1), naive->begin_task(1);
    const auto phases = control->phases(1);
    control.phase(phases[0], 1, 0), naive.steps(control.resolved(phases[0], 1), 1, 0);
    CHECK(control->theta() == naive->theta());
    control.phase(phases[1], 1, 1);
    CHECK(control->theta() != naive->theta());
}

TEST_CASE(
    "replay_pass: a task alternates between its epochs and passes over what is stored of earlier "
    "tasks") {
    TaskFixture fixture(TaskFixture::layout(), "replay_pass",
                        {{"memory_per_class", 2}, {"pass_batch", 5}}, train(2));
    fixture->begin_task(0);
    CHECK(fixture->phases(0).size() == 1);
    CHECK(fixture->phases(0)[0].epochs == 0); // as [train] says
    fixture->end_task(0);
    for (int64_t t : {1, 2}) {
        fixture->begin_task(t);
        const auto phases = fixture->phases(t);
        REQUIRE(phases.size() == 4);
        for (std::size_t p = 0; p < 4; ++p) {
            CHECK(phases[p].name == (p % 2 ? "memory" : "task"));
            CHECK(phases[p].epochs == 1);
            if (p % 2 == 0) continue;
            CHECK(phases[p].samples == 1); // no more of the task than a phase must have
            CHECK(phases[p].steps == (6 * t + 4) / 5);
            fixture->begin_phase(phases[p], t, static_cast<uint32_t>(p));
            const auto plan =
                fixture->state()["memory.~plan"]; // [S, steps, rows]: each stored row once
            for (std::size_t s = 0; s < 2; ++s) {
                std::multiset<double> met(
                    plan.begin() + static_cast<std::ptrdiff_t>(s * plan.size() / 2),
                    plan.begin() + static_cast<std::ptrdiff_t>((s + 1) * plan.size() / 2));
                met.erase(-1);
                CHECK(met.size() == static_cast<std::size_t>(6 * t));
                CHECK(std::set(met.begin(), met.end()).size() == met.size());
            }
        }
        fixture->end_task(t);
    }
    CHECK(fixture->kept_bytes() == 2 * 18 * (3 * 4 + 8 + 8 + 4));
}

TEST_CASE(
    "replay_pass: a step of a pass descends on stored rows at a rate of its own, with a momentum "
    "of its own") {
    auto layout = TaskFixture::layout();
    layout.seeds = {6};
    TaskFixture fixture(layout, "replay_pass",
                        {{"pass_lr", 0.5}, {"pass_lr_decay", 0.5}, {"pass_batch", 32}}, train(1));
    fixture.task(0), fixture.task(1);
    fixture->begin_task(2);
    const auto phases = fixture->phases(2);
    fixture.phase(phases[0], 2, 0);
    auto s = fixture->state();
    fixture->begin_phase(phases[1], 2, 1);
    fixture->observe(fixture.task_batch(2, 7), 2, 0, nullptr, 1);
    const auto& net = fixture.fixture.net();
    const auto theta = tensor(s["weights.theta"], {net.columns()});
    std::vector<double> g;
    for (std::size_t k = 0; k < 6; ++k) { // all six stored rows in one batch
        const auto from = s["memory.store.x"].begin() + static_cast<std::ptrdiff_t>(3 * k);
        const Example e{tensor({from, from + 3}, {1, 3}),
                        static_cast<int64_t>(s["memory.store.y"][k]),
                        {0, 1, 2}};
        add(g, derivative(theta, [&](const Tensor& t) { return e.loss(net, t, e.label); }),
            1.0 / 6);
    }
    auto wanted = s["weights.theta"];
    for (std::size_t k = 0; k < g.size(); ++k) wanted[k] -= 0.5 * 0.25 * g[k];
    CHECK(distance(fixture->theta(), wanted) < 1e-6);
    CHECK(distance(fixture->state()["pass.~first"], g) < 1e-5);
    CHECK(fixture->state()["descend.~first"] == s["descend.~first"]);
    fixture->end_phase(phases[1], 2, 1);
}

TEST_CASE("replay_pass: restored in the middle of a pass it goes on to the same bits") {
    const Json options{{"pass_batch", 2}};
    TaskFixture whole(TaskFixture::layout(0.2), "replay_pass", options, train(2)),
        broken(TaskFixture::layout(0.2), "replay_pass", options, train(2));
    for (int64_t t : {0, 1}) whole.task(t);
    broken.task(0);
    broken->begin_task(1);
    const auto phases = broken->phases(1);
    broken.phase(phases[0], 1, 0);
    broken->begin_phase(phases[1], 1, 1);
    broken.steps(phases[1], 1, 1, 0, 1);
    TaskFixture resumed(TaskFixture::layout(0.2), "replay_pass", options, train(2));
    resumed->restore(broken->saved());
    resumed.fixture.begin_task(1);
    resumed.steps(phases[1], 1, 1, 1);
    resumed->end_phase(phases[1], 1, 1);
    for (uint32_t p : {2, 3}) resumed.phase(phases[p], 1, p);
    resumed->end_task(1);
    CHECK(resumed->digest() == whole->digest());
}

TEST_CASE("replay_pass: more than eight epochs do not fit the phases of a task") {
    const auto says = [](int64_t epochs) {
        SessionFixture fixture(TaskFixture::layout());
        return refusal(
            [&] { PluginLearner(fixture, "replay_pass", Json::object(), train(epochs)); });
    };
    CHECK(says(8) == "");
    CHECK(says(9) ==
          "replay_pass, epochs: a task has at most 16 phases, and 9 epochs need 18; use at most 8");
}
