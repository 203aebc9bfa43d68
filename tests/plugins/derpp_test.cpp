// SPDX-License-Identifier: Apache-2.0
// DER++: the slope of its two terms on one stored row, by hand.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

constexpr double alpha = 0.4, beta = 0.7;
const Vector x{0.8, -0.6}, now{-0.5, 1.5, 1, -0.75};

// The weights after a step on no current row, with x (class 1) stored when all logits were 0.
Vector stepped(double a, double b) {
    SessionFixture fixture(two_classes());
    fixture.set_examples(0, make_task_data(4, 2, {0, 1}, 1));
    PluginLearner der(fixture, "derpp",
                      {{"alpha", a}, {"beta", b}, {"memory", 1}, {"memory_batch", 1}},
                      {{"lr", 1}, {"momentum", 0}});
    der.begin_task(0);
    der.put("weights.theta", nothing(fixture));
    der.observe(batch(1, x, {1}), 0, 0);
    CHECK(der.state()["memory.store.own0"] == Vector{0, 0});
    auto theta = nothing(fixture);
    std::copy(now.begin(), now.end(), theta.begin());
    der.put("weights.theta", theta);
    der.observe(weightless(fixture, 0), 0, 1);
    const auto after = der.theta();
    return {after.begin(), after.begin() + 4};
}

} // namespace

TEST_CASE("derpp: alpha pulls the logits to the stored ones, beta is the stored row's label") {
    const double z[] = {now[0] * x[0] + now[1] * x[1], now[2] * x[0] + now[3] * x[1]};
    const double p = 1 / (1 + std::exp(z[0] - z[1]));
    const auto wanted = [&](double a, double b) {
        Vector out;
        for (std::size_t c = 0; c < 2; ++c)
            for (std::size_t j = 0; j < 2; ++j)
                out.push_back(now[2 * c + j] -
                              (a * 2 * z[c] / 2 + b * (c == 1 ? p - 1 : 1 - p)) * x[j]);
        return out;
    };
    CHECK(distance(stepped(alpha, 0), wanted(alpha, 0)) < 1e-6); // DER
    CHECK(distance(stepped(0, beta), wanted(0, beta)) < 1e-6);   // ER, with a weight
    CHECK(distance(stepped(alpha, beta), wanted(alpha, beta)) < 1e-6);
    CHECK(stepped(0, 0) == Vector{-0.5, 1.5, 1, -0.75});
}

TEST_CASE("derpp: without alpha and beta a step is plain descent; what it stores are its logits") {
    SessionFixture fixture({.hidden = {5}, .seeds = {1, 2}});
    fixture.set_examples(0, make_task_data(12, 3, {0, 1, 2}, 3));
    const Json train = {{"lr", 0.1}, {"momentum", 0}};
    PluginLearner der(fixture, "derpp", {{"alpha", 0}, {"beta", 0}, {"memory", 4}}, train),
        naive(fixture, "finetune", Json::object(), train);
    der.begin_task(0), naive.begin_task(0);
    for (uint32_t k = 0; k < 4; ++k) {
        const auto b = batch(2, numbers(2 * 4 * 3, k), {0, 1, 2, 0, 2, 1, 1, 0});
        if (k == 0) {
            const auto z = der.predict(b.x, 0).to_vector();
            der.observe(b, 0, k);
            CHECK(distance(der.state()["memory.store.own0"], z) < 1e-6);
        } else {
            der.observe(b, 0, k);
        }
        naive.observe(b, 0, k);
    }
    CHECK(distance(der.theta(), naive.theta()) < 1e-6);
}
