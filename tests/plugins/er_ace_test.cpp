// SPDX-License-Identifier: Apache-2.0
// ER-ACE: which classes a row competes with, on softmax regression by hand.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

const Vector now{-0.5, 1.5, 1, -0.75}, x{0.8, -0.6}, old{0.3, 0.9};

} // namespace

TEST_CASE("er_ace: rows of one class alone have no slope; a stored row competes with all classes") {
    SessionFixture fixture(two_classes());
    fixture.set_examples(0, make_task_data(4, 2, {0, 1}, 1));
    PluginLearner ace(fixture, "er_ace", {{"memory", 1}, {"memory_batch", 1}},
                      {{"lr", 1}, {"momentum", 0}});
    ace.begin_task(0);
    const auto before = ace.theta();
    ace.observe(batch(1, old, {0}), 0, 0);
    CHECK(ace.theta() == before); // class 0 alone, and nothing stored
    CHECK(fixture.train_loss().first == Vector{0});
    auto theta = nothing(fixture);
    std::copy(now.begin(), now.end(), theta.begin());
    ace.put("weights.theta", theta);
    ace.observe(batch(1, x, {1}), 0, 1); // class 1 alone; the stored row is of class 0
    const double z0 = now[0] * old[0] + now[1] * old[1], z1 = now[2] * old[0] + now[3] * old[1],
                 p = 1 / (1 + std::exp(z0 - z1));
    const auto after = ace.theta();
    for (std::size_t j = 0; j < 2; ++j) {
        CHECK(after[j] == Approx(now[j] + p * old[j]).margin(1e-6));
        CHECK(after[2 + j] == Approx(now[2 + j] - p * old[j]).margin(1e-6));
    }
}

TEST_CASE("er_ace: a batch of all classes is plain descent on it, plus the memory's own mean") {
    SessionFixture fixture({.features = 3, .hidden = {4}, .seeds = {1, 2}});
    fixture.set_examples(0, make_task_data(12, 3, {0, 1, 2}, 3));
    const Json train = {{"lr", 0.1}, {"momentum", 0}};
    PluginLearner ace(fixture, "er_ace", {{"memory", 4}}, train),
        naive(fixture, "finetune", Json::object(), train);
    ace.begin_task(0), naive.begin_task(0);
    const auto b = batch(2, numbers(2 * 4 * 3, 1), {0, 1, 2, 0, 2, 1, 1, 0});
    ace.observe(b, 0, 0), naive.observe(b, 0, 0);
    CHECK(distance(ace.theta(), naive.theta()) < 1e-6);
}
