// SPDX-License-Identifier: Apache-2.0
// GEM's projection, with gradients that the test chooses: two classes, weights 0.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

TaskData rows(const std::vector<uint8_t>& pixels, const std::vector<int64_t>& labels) {
    return {pixels, labels};
}
// At weights 0 class 0 of x has the gradient (-x/2, x/2), class 1 the opposite.
const TaskData uphill = rows({255, 0, 0, 255}, {0, 1}), // r = (-1, 1) / 4
    left = rows({255, 0}, {0}),                         // r = (-1, 0) / 2
    right = rows({255, 0}, {1});                        // r = (1, 0) / 2

// What a step follows for the gradient (g, -g) after tasks of these rows.
Vector followed(const std::vector<TaskData>& tasks, const Vector& g, double gamma) {
    SessionFixture fixture(two_classes());
    const auto last = int64_t(tasks.size());
    PluginLearner gem(fixture, "gem", {{"gamma", gamma}, {"qp_steps", 200}},
                      {{"lr", 1}, {"momentum", 0}});
    for (int64_t t = 0; t < last; ++t) {
        fixture.set_examples(t, tasks[std::size_t(t)]);
        gem.begin_task(t), gem.end_task(t);
    }
    fixture.set_examples(last, uphill);
    gem.begin_task(last);
    gem.put("weights.theta", nothing(fixture));
    gem.observe(with_gradient(1, g, last), last, 0);
    const auto theta = gem.theta();
    CHECK(theta[2] == -theta[0]);
    CHECK(theta[3] == -theta[1]);
    return {-theta[0], -theta[1]};
}

} // namespace

TEST_CASE("gem: one constraint is the projection of A-GEM; gamma is the least weight of r") {
    CHECK(distance(followed({uphill}, {1, 0}, 0), {0.5, 0.5}) < 1e-5); // v = 2
    CHECK(distance(followed({uphill}, {1, 0}, 1), {0.5, 0.5}) < 1e-5);
    CHECK(distance(followed({uphill}, {1, 0}, 3), {0.25, 0.75}) < 1e-5); // v = 3
}

TEST_CASE("gem: a gradient that violates nothing keeps its bits") {
    CHECK(followed({uphill}, {0.5, 0.5}, 0.5) == Vector{0.5, 0.5});
    CHECK(followed({uphill, left}, {-0.3, 0.7}, 0.5) == followed({}, {-0.3, 0.7}, 0.5));
}

TEST_CASE("gem: two constraints give the nearest point of their cone") {
    // y >= x and x <= 0 from (1, 0): the tip. A-GEM would follow the mean of both alone.
    const auto tip = followed({uphill, left}, {1, 0}, 0);
    CHECK(std::abs(tip[0]) < 1e-5);
    CHECK(std::abs(tip[1]) < 1e-5);
    // y >= x and x >= 0 from (1, 0): the edge y = x.
    CHECK(distance(followed({uphill, right}, {1, 0}, 0), {0.5, 0.5}) < 1e-5);
    // The same from (1, 3): inside.
    CHECK(followed({uphill, right}, {1, 3}, 0) == Vector{1, 3});
}
