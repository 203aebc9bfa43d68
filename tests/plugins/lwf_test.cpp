// SPDX-License-Identifier: Apache-2.0
// LwF: the slope of its loss on softmax regression of two classes, by hand.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

double probability(double z0, double z1) { return 1 / (1 + std::exp(z0 - z1)); } // of class 1

} // namespace

TEST_CASE("lwf: the first task is plain descent, bit for bit") {
    SessionFixture fixture({.hidden = {5}, .seeds = {1, 2}, .dropout = 0.25});
    fixture.set_examples(0, make_task_data(12, 3, {0, 1, 2}, 3));
    const Json train = {{"lr", 0.1}, {"momentum", 0.5}};
    PluginLearner lwf(fixture, "lwf", Json::object(), train),
        naive(fixture, "finetune", Json::object(), train);
    lwf.begin_task(0), naive.begin_task(0);
    for (uint32_t k = 0; k < 5; ++k) {
        const auto b = batch(2, numbers(2 * 4 * 3, k), {0, 1, 2, 0, 2, 1, 1, 0});
        lwf.observe(b, 0, k), naive.observe(b, 0, k);
    }
    CHECK(lwf.theta() == naive.theta());
}

TEST_CASE("lwf: the slope is that of CE + lambda_o KD with outputs softened by T") {
    constexpr double lambda = 0.75, T = 2;
    SessionFixture fixture(two_classes());
    for (int64_t t : {0, 1}) fixture.set_examples(t, make_task_data(4, 2, {0, 1}, 1));
    PluginLearner lwf(fixture, "lwf", {{"lambda_o", lambda}, {"temperature", T}},
                      {{"lr", 1}, {"momentum", 0}});
    lwf.begin_task(0);
    auto theta = nothing(fixture);
    const Vector old{0.5, -1, 0.25, 2}, now{-0.5, 1.5, 1, -0.75}, x{0.8, -0.6};
    std::copy(old.begin(), old.end(), theta.begin());
    lwf.put("weights.theta", theta);
    lwf.end_task(0);
    lwf.begin_task(1);
    std::copy(now.begin(), now.end(), theta.begin());
    lwf.put("weights.theta", theta);
    lwf.observe(batch(1, x, {1}, {1}), 1, 0);
    const auto z = [&](const Vector& w, std::size_t c) {
        return w[2 * c] * x[0] + w[2 * c + 1] * x[1];
    };
    const double p = probability(z(now, 0), z(now, 1)),
                 soft = probability(z(now, 0) / T, z(now, 1) / T),
                 q = probability(z(old, 0) / T, z(old, 1) / T),
                 slope = (p - 1) + lambda * (soft - q) / T; // by the logit of class 1
    const auto after = lwf.theta();
    for (std::size_t j = 0; j < 2; ++j) {
        CHECK(after[2 + j] == Approx(now[2 + j] - slope * x[j]).margin(1e-6));
        CHECK(after[j] == Approx(now[j] + slope * x[j]).margin(1e-6));
    }
}

TEST_CASE("lwf: each old task is a head of its own where the task is known") {
    for (const char* scenario : {"task", "class"}) {
        SessionFixture fixture({.features = 2,
                                .seeds = {1},
                                .scenario = scenario,
                                .classes = 6,
                                .tasks = {{0, 1}, {2, 3}, {4, 5}}});
        PluginLearner lwf(fixture, "lwf");
        for (int64_t t : {0, 1}) {
            fixture.set_examples(t, make_task_data(4, 2, {2 * t, 2 * t + 1}, 1));
            lwf.begin_task(t), lwf.end_task(t);
        }
        const Vector by_task{1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0}, as_one{1, 1, 1, 1, 0, 0};
        CHECK(lwf.state()["heads"] == (std::string(scenario) == "task" ? by_task : as_one));
    }
}

TEST_CASE("lwf: a warm-up moves the new task's head alone") {
    SessionFixture fixture({.features = 3,
                            .hidden = {4},
                            .scenario = "task",
                            .classes = 4,
                            .tasks = {{0, 1}, {2, 3}}});
    for (int64_t t : {0, 1}) fixture.set_examples(t, make_task_data(8, 3, {2 * t, 2 * t + 1}, 1));
    PluginLearner lwf(fixture, "lwf", {{"warm_up_epochs", 1}}, {{"lr", 0.5}});
    lwf.begin_task(0);
    REQUIRE(lwf.phases(0).size() == 1);
    lwf.end_task(0);
    lwf.begin_task(1);
    const auto phases = lwf.phases(1);
    REQUIRE(phases.size() == 2);
    lwf.begin_phase(phases[0], 1);
    const auto before = lwf.theta();
    lwf.observe(batch(1, numbers(12, 5), {2, 3, 2, 2}, {1, 1, 1, 1}), 1, 0);
    const auto after = lwf.theta();
    const auto mine = fixture.net().head_columns({2, 3}).to(DType::float32).to_vector();
    int64_t moved = 0;
    for (std::size_t k = 0; k < after.size(); ++k) {
        if (mine[k] == 0) CHECK(after[k] == before[k]);
        moved += after[k] != before[k];
    }
    CHECK(moved > 0);
}
