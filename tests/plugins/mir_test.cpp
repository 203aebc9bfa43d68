// SPDX-License-Identifier: Apache-2.0
// MIR: of two stored rows it takes the one whose loss the step on the batch would raise.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

} // namespace

TEST_CASE("mir: the row of the other class at the batch's place is the one that is retrieved") {
    for (int64_t label : {0, 1}) {
        SessionFixture fixture(two_classes());
        fixture.set_examples(0, make_task_data(4, 2, {0, 1}, 1));
        PluginLearner mir(fixture, "mir", {{"memory", 2}, {"memory_batch", 1}, {"candidates", 2}},
                          {{"lr", 1}, {"momentum", 0}});
        mir.begin_task(0);
        mir.observe(batch(1, {1, 0, 1, 0}, {0, 1}), 0, 0); // both are stored
        mir.put("weights.theta", nothing(fixture));
        mir.observe(batch(1, {1, 0}, {label}), 0, 1);
        // The same input under both labels: their slopes cancel. With the row of the batch's own
        // label a step would be 1/2.
        for (double w : mir.theta()) CHECK(w == 0);
    }
}

TEST_CASE("mir: with all of the memory as candidates and as batch it is er") {
    const Layout layout{.hidden = {5}, .seeds = {1, 2}};
    SessionFixture fixture(layout), other(layout);
    for (SessionFixture* d : {&fixture, &other})
        d->set_examples(0, make_task_data(12, 3, {0, 1, 2}, 3));
    const Json train = {{"lr", 0.1}, {"momentum", 0}};
    PluginLearner mir(fixture, "mir", {{"memory", 3}, {"memory_batch", 3}, {"candidates", 3}},
                      train),
        er(other, "er", {{"policy", "reservoir"}, {"memory", 3}, {"memory_batch", 3}}, train);
    mir.begin_task(0), er.begin_task(0);
    for (uint32_t k = 0; k < 6; ++k) {
        const auto b = batch(2, numbers(2 * 4 * 3, k), {0, 1, 2, 0, 2, 1, 1, 0});
        mir.observe(b, 0, k), er.observe(b, 0, k);
    }
    CHECK(distance(mir.theta(), er.theta()) < 1e-5);
}
