// SPDX-License-Identifier: Apache-2.0
// GPM: which directions of the inputs are kept, and that no step moves along them.
#include "catch.hpp"

#include <cmath>

#include "lessons.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

// Inputs of energy 2 along the first axis and .04 along the second.
const Sheet axes{{255, 0, 255, 0, 0, 51}, {0, 1, 0}};

Vector projection(double threshold) {
    Desk desk(two_classes());
    desk.lay(0, axes);
    Student gpm(desk, "gpm", {{"threshold", threshold}});
    gpm.begin_task(0), gpm.end_task(0);
    return gpm.state().at("projections.Q.0");
}

} // namespace

TEST_CASE("gpm: as many directions are kept as hold the threshold's share of the energy") {
    CHECK(distance(projection(0.97), {0, 0, 0, 1}) < 1e-6); // 2 / 2.04 = .9804
    CHECK(largest(projection(0.99)) < 1e-6);                // both
}

TEST_CASE("gpm: a step leaves the outputs of earlier inputs as they are") {
    Desk desk(two_classes());
    for (int64_t t : {0, 1}) desk.lay(t, axes);
    Student gpm(desk, "gpm", Json::object(), {{"lr", 1}, {"momentum", 0}});
    gpm.begin_task(0);
    gpm.put("weights.theta", nothing(desk));
    gpm.observe(with_gradient(1, {0.7, -0.4}, 0), 0, 0);
    CHECK(gpm.theta()[0] == Approx(-0.7)); // the first task is plain descent
    gpm.end_task(0);
    gpm.begin_task(1);
    gpm.put("weights.theta", nothing(desk));
    gpm.observe(with_gradient(1, {0.7, -0.4}, 1), 1, 0);
    const auto theta = gpm.theta();
    CHECK(std::abs(theta[0]) < 1e-6);
    CHECK(theta[1] == Approx(0.4));
    CHECK(std::abs(theta[2]) < 1e-6);
    CHECK(theta[3] == Approx(-0.4));
}

TEST_CASE("gpm: a second task adds the directions that the first has not kept") {
    Desk desk(
        {.features = 3, .hidden = {}, .classes = 2, .tasks = {{0, 1}, {0, 1}}, .bias = false});
    desk.lay(0, {{255, 0, 0}, {0}});
    desk.lay(1, {{255, 255, 0}, {0}});
    Student gpm(desk, "gpm");
    for (int64_t t : {0, 1}) gpm.begin_task(t), gpm.end_task(t);
    CHECK(distance(gpm.state().at("projections.Q.0"), {0, 0, 0, 0, 0, 0, 0, 0, 1}) < 1e-6);
}

TEST_CASE("gpm and owm: a head of the task's own is free; an adaptive rate is refused") {
    for (const char* plugin : {"gpm", "owm"}) {
        Desk desk({.features = 3,
                   .hidden = {4},
                   .scenario = "task",
                   .classes = 4,
                   .tasks = {{0, 1}, {2, 3}}});
        for (int64_t t : {0, 1}) desk.lay(t, sheet(8, 3, {2 * t, 2 * t + 1}, 1));
        Student student(desk, plugin);
        const auto state = student.state();
        CHECK(state.at("projections.Q.0").size() == 9); // of the hidden layer
        CHECK(state.at("projections.Q.1").empty());
        student.begin_task(0), student.end_task(0), student.begin_task(1);
        const auto before = student.theta();
        student.observe(batch(1, numbers(12, 2), {2, 3, 2, 3}, {1, 1, 1, 1}), 1, 0);
        const auto after = student.theta();
        for (const auto& l : desk.net().layers()) {
            const bool head = l.shape[0] == 4 && (l.shape.size() == 1 || l.shape[1] == 4) &&
                              l.offset >= desk.net().head_layers()[0].offset;
            bool moved = false;
            for (int64_t k = l.offset; k < l.offset + l.numel; ++k)
                moved = moved || after[std::size_t(k)] != before[std::size_t(k)];
            if (head) CHECK(moved);
            else if (l.kind == LayerKind::bias) CHECK(!moved);
        }
        CHECK(refusal([&] {
                  Student adam(desk, plugin, Json::object(), {{"optimizer", "adam"}});
              }).find("leaves the projection") != std::string::npos);
    }
}
