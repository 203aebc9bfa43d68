// SPDX-License-Identifier: Apache-2.0
// OGD: which directions are kept, and that no step moves along them.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

} // namespace

TEST_CASE(
    "ogd: the gradient of a label's logit is its input in the label's row; a step leaves it out") {
    SessionFixture fixture(two_classes());
    fixture.set_examples(0, {{255, 0}, {0}}); // x = (1, 0) of class 0
    fixture.set_examples(1, {{255, 0}, {0}});
    PluginLearner ogd(fixture, "ogd", Json::object(), {{"lr", 1}});
    ogd.begin_task(0), ogd.end_task(0);
    const auto basis = ogd.state().at("basis");
    for (std::size_t k = 0; k < basis.size(); ++k) CHECK(basis[k] == (k == 0 ? 1 : 0));
    ogd.begin_task(1);
    ogd.put("weights.theta", nothing(fixture));
    ogd.observe(with_gradient(1, {0.7, -0.4}, 1), 1, 0);
    const auto theta = ogd.theta();
    CHECK(theta[0] == 0);
    CHECK(theta[1] == Approx(0.4));
    CHECK(theta[2] == Approx(0.7)); // class 1's row is free
    CHECK(theta[3] == Approx(-0.4));
    ogd.end_task(1); // the same direction again: nothing new
    const auto twice = ogd.state().at("basis");
    REQUIRE(twice.size() == 2 * basis.size());
    for (std::size_t k = basis.size(); k < twice.size(); ++k) CHECK(twice[k] == 0);
}

TEST_CASE("ogd: V is orthonormal, and steps are at right angles to it") {
    SessionFixture fixture({.features = 3, .hidden = {4}, .seeds = {1, 2}});
    for (int64_t t : {0, 1}) fixture.set_examples(t, make_task_data(12, 3, {0, 1, 2}, uint32_t(t)));
    PluginLearner ogd(fixture, "ogd", {{"directions", 5}}, {{"lr", 0.1}});
    const auto task_batch = [](int64_t t, uint32_t k) {
        return batch(2, numbers(2 * 4 * 3, 10 * uint32_t(t) + k), {0, 1, 2, 0, 2, 1, 1, 0},
                     std::vector<int64_t>(8, t));
    };
    ogd.begin_task(0);
    ogd.observe(task_batch(0, 1), 0, 0);
    ogd.end_task(0);
    const auto V = ogd.state().at("basis");
    const auto P = std::size_t(fixture.net().columns());
    REQUIRE(V.size() == 2 * 5 * P);
    const auto along = [&](std::size_t s, std::size_t k, const double* v) {
        double sum = 0;
        for (std::size_t i = 0; i < P; ++i) sum += V[(5 * s + k) * P + i] * v[i];
        return sum;
    };
    for (std::size_t s = 0; s < 2; ++s)
        for (std::size_t a = 0; a < 5; ++a)
            for (std::size_t b = 0; b < 5; ++b)
                CHECK(along(s, a, &V[(5 * s + b) * P]) == Approx(a == b ? 1 : 0).margin(1e-5));
    ogd.begin_task(1);
    const auto before = ogd.theta();
    for (uint32_t k = 0; k < 5; ++k) ogd.observe(task_batch(1, k), 1, k);
    auto moved = ogd.theta();
    for (std::size_t k = 0; k < moved.size(); ++k) moved[k] -= before[k];
    CHECK(largest(moved) > 1e-3);
    for (std::size_t s = 0; s < 2; ++s)
        for (std::size_t k = 0; k < 5; ++k)
            CHECK(std::abs(along(s, k, &moved[s * P])) < 1e-5 * largest(moved) * 10);
}
