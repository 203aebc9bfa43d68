// SPDX-License-Identifier: Apache-2.0
// Single: each task is trained as if it were the only one, and answered with its own weights.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

Batch task_batch(int64_t t, uint32_t k) {
    return batch(2, numbers(2 * 4 * 3, 10 * uint32_t(t) + k),
                 {2 * t, 2 * t + 1, 2 * t, 2 * t, 2 * t + 1, 2 * t, 2 * t + 1, 2 * t + 1},
                 std::vector<int64_t>(8, t));
}

} // namespace

TEST_CASE("single: the second task ends where training on it alone ends, and the first is kept") {
    const Layout layout{.hidden = {5},
                        .seeds = {1, 2},
                        .scenario = "task",
                        .classes = 4,
                        .tasks = {{0, 1}, {2, 3}}};
    SessionFixture fixture(layout);
    for (int64_t t : {0, 1}) fixture.set_examples(t, make_task_data(12, 3, {2 * t, 2 * t + 1}, 3));
    const Json train = {{"lr", 0.1}, {"momentum", 0.5}};
    PluginLearner single(fixture, "single", Json::object(), train),
        alone(fixture, "finetune", Json::object(), train);
    single.begin_task(0);
    for (uint32_t k = 0; k < 4; ++k) single.observe(task_batch(0, k), 0, k);
    single.end_task(0);
    const auto x = task_batch(0, 9).x;
    const auto first = single.predict(x, 0).to_vector();
    single.begin_task(1), alone.begin_task(1);
    for (uint32_t k = 0; k < 4; ++k)
        single.observe(task_batch(1, k), 1, k), alone.observe(task_batch(1, k), 1, k);
    CHECK(single.theta() == alone.theta());
    CHECK(single.predict(x, 0).to_vector() == first);
    single.end_task(1);
    CHECK(single.predict(x, 0).to_vector() == first);
    CHECK(single.predict(x, 1).to_vector() == alone.predict(x, 1).to_vector());
}
