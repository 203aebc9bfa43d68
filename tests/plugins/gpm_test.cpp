// SPDX-License-Identifier: Apache-2.0
// GPM: which directions of the inputs are kept, and that no step moves along them.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

// Inputs of energy 2 along the first axis and .04 along the second.
const TaskData axes{{255, 0, 255, 0, 0, 51}, {0, 1, 0}};

Vector projection(double threshold) {
    SessionFixture fixture(two_classes());
    fixture.set_examples(0, axes);
    PluginLearner gpm(fixture, "gpm", {{"threshold", threshold}});
    gpm.begin_task(0), gpm.end_task(0);
    return gpm.state().at("projections.Q.0");
}

} // namespace

TEST_CASE("gpm: as many directions are kept as hold the threshold's share of the energy") {
    CHECK(distance(projection(0.97), {0, 0, 0, 1}) < 1e-6); // 2 / 2.04 = .9804
    CHECK(largest(projection(0.99)) < 1e-6);                // both
}

TEST_CASE("gpm: a step leaves the outputs of earlier inputs as they are") {
    SessionFixture fixture(two_classes());
    for (int64_t t : {0, 1}) fixture.set_examples(t, axes);
    PluginLearner gpm(fixture, "gpm", Json::object(), {{"lr", 1}, {"momentum", 0}});
    gpm.begin_task(0);
    gpm.put("weights.theta", nothing(fixture));
    gpm.observe(with_gradient(1, {0.7, -0.4}, 0), 0, 0);
    CHECK(gpm.theta()[0] == Approx(-0.7)); // the first task is plain descent
    gpm.end_task(0);
    gpm.begin_task(1);
    gpm.put("weights.theta", nothing(fixture));
    gpm.observe(with_gradient(1, {0.7, -0.4}, 1), 1, 0);
    const auto theta = gpm.theta();
    CHECK(std::abs(theta[0]) < 1e-6);
    CHECK(theta[1] == Approx(0.4));
    CHECK(std::abs(theta[2]) < 1e-6);
    CHECK(theta[3] == Approx(-0.4));
}

TEST_CASE("gpm: a second task adds the directions that the first has not kept") {
    SessionFixture fixture(
        {.features = 3, .hidden = {}, .classes = 2, .tasks = {{0, 1}, {0, 1}}, .bias = false});
    fixture.set_examples(0, {{255, 0, 0}, {0}});
    fixture.set_examples(1, {{255, 255, 0}, {0}});
    PluginLearner gpm(fixture, "gpm");
    for (int64_t t : {0, 1}) gpm.begin_task(t), gpm.end_task(t);
    CHECK(distance(gpm.state().at("projections.Q.0"), {0, 0, 0, 0, 0, 0, 0, 0, 1}) < 1e-6);
}

TEST_CASE("gpm and owm: a head of the task's own is free; an adaptive rate is refused") {
    for (const char* plugin : {"gpm", "owm"}) {
        SessionFixture fixture({.features = 3,
                                .hidden = {4},
                                .scenario = "task",
                                .classes = 4,
                                .tasks = {{0, 1}, {2, 3}}});
        for (int64_t t : {0, 1})
            fixture.set_examples(t, make_task_data(8, 3, {2 * t, 2 * t + 1}, 1));
        PluginLearner learner(fixture, plugin);
        const auto state = learner.state();
        CHECK(state.at("projections.Q.0").size() == 9); // of the hidden layer
        CHECK(state.at("projections.Q.1").empty());
        learner.begin_task(0), learner.end_task(0), learner.begin_task(1);
        const auto before = learner.theta();
        learner.observe(batch(1, numbers(12, 2), {2, 3, 2, 3}, {1, 1, 1, 1}), 1, 0);
        const auto after = learner.theta();
        for (const auto& l : fixture.net().layers()) {
            const bool head = l.shape[0] == 4 && (l.shape.size() == 1 || l.shape[1] == 4) &&
                              l.offset >= fixture.net().head_layers()[0].offset;
            bool moved = false;
            for (int64_t k = l.offset; k < l.offset + l.numel; ++k)
                moved = moved || after[std::size_t(k)] != before[std::size_t(k)];
            if (head) CHECK(moved);
            else if (l.kind == LayerKind::bias) CHECK(!moved);
        }
        CHECK(refusal([&] {
                  PluginLearner adam(fixture, plugin, Json::object(), {{"optimizer", "adam"}});
              }).find("leaves the projection") != std::string::npos);
    }
}
