// SPDX-License-Identifier: Apache-2.0
// GDumb: what the sampler keeps, and that the learner begins anew and sees the memory alone.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

} // namespace

TEST_CASE("gdumb: the memory is balanced, and training starts from the initial weights") {
    SessionFixture fixture(two_classes());
    fixture.set_examples(0, make_task_data(4, 2, {0, 1}, 1));
    const Json train = {{"lr", 1}, {"momentum", 0}, {"weight_decay", 0}, {"batch_size", 4}};
    PluginLearner gdumb(fixture, "gdumb", {{"memory", 2}, {"passes", 1}}, train),
        naive(fixture, "finetune", Json::object(), {{"lr", 0.1}, {"momentum", 0}});
    gdumb.begin_task(0), naive.begin_task(0);
    const auto start = gdumb.theta();
    const auto phases = gdumb.phases(0);
    REQUIRE(phases.size() == 2);
    CHECK(phases[0].epochs == 1);
    CHECK(phases[1].data == Data::none);
    CHECK(phases[1].steps == 1); // two rows, four a step
    gdumb.begin_phase(phases[0], 0, 0);
    gdumb.observe(batch(1, {1, 2, 3, 4, 5, 6, 7, 8}, {0, 0, 0, 1}), 0, 0);
    CHECK(gdumb.theta() == start);
    const auto kept = gdumb.state();
    auto classes = kept.at("memory.store.y");
    std::sort(classes.begin(), classes.end());
    CHECK(classes == Vector{0, 1});
    gdumb.put("weights.theta", nothing(fixture)); // whatever was learned before
    gdumb.begin_phase(phases[1], 0, 1);
    CHECK(gdumb.theta() == start);
    gdumb.begin_epoch(phases[1], 0, 0, 1);
    gdumb.observe(Batch{}, 0, 0, nullptr, 1);
    const auto& y = kept.at("memory.store.y");
    naive.observe(batch(1, kept.at("memory.store.x"), {int64_t(y[0]), int64_t(y[1])}), 0, 0);
    CHECK(distance(gdumb.theta(), naive.theta()) < 1e-6); // the first epoch's rate is lr / 10
}

TEST_CASE("gdumb: the rate begins with lr / 10 and restarts after 1, 2, 4 epochs") {
    SessionFixture fixture(two_classes());
    fixture.set_examples(0, make_task_data(4, 2, {0, 1}, 1));
    PluginLearner gdumb(fixture, "gdumb", {{"memory", 2}, {"lr_low", 0.1}}, {{"lr", 1}});
    gdumb.begin_task(0);
    const auto phase = gdumb.phases(0)[1];
    gdumb.begin_phase(phase, 0, 1);
    const double middle = 0.55, low = 0.1 + 0.9 * (1 - std::sqrt(0.5)) / 2,
                 high = 0.1 + 0.9 * (1 + std::sqrt(0.5)) / 2;
    const Vector wanted{0.1, 1, 1, middle, 1, high, middle, low, 1};
    for (std::size_t e = 0; e < wanted.size(); ++e) {
        gdumb.begin_epoch(phase, 0, int64_t(e), 1);
        CHECK(gdumb.state()["descend.~rate"].at(0) == Approx(wanted[e]).epsilon(1e-6));
    }
}
