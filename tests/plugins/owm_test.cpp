// SPDX-License-Identifier: Apache-2.0
// OWM: the recursion of P by hand.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

} // namespace

TEST_CASE("owm: P after each batch's mean input, and a step through it") {
    constexpr double alpha = 0.25;
    SessionFixture fixture(two_classes());
    const std::vector<uint8_t> pixels{153, 204, 255, 51, 0, 102};
    for (int64_t t : {0, 1}) fixture.set_examples(t, {pixels, {0, 1, 0}});
    PluginLearner owm(fixture, "owm", {{"alpha", alpha}},
                      {{"lr", 1}, {"momentum", 0}, {"batch_size", 2}});
    owm.begin_task(0), owm.end_task(0);
    // Two batches: the mean of the first two rows, and the third.
    const double means[2][2] = {{(0.6 + 1) / 2, (0.8 + 0.2) / 2}, {0, 0.4}};
    double P[2][2] = {{1, 0}, {0, 1}};
    for (const auto& x : means) {
        const double Px[2] = {P[0][0] * x[0] + P[0][1] * x[1], P[1][0] * x[0] + P[1][1] * x[1]},
                     scale = alpha + x[0] * Px[0] + x[1] * Px[1];
        for (std::size_t i = 0; i < 2; ++i)
            for (std::size_t j = 0; j < 2; ++j) P[i][j] -= Px[i] * Px[j] / scale;
    }
    CHECK(distance(owm.state().at("projections.Q.0"), {P[0][0], P[0][1], P[1][0], P[1][1]}) < 1e-6);
    owm.begin_task(1);
    owm.put("weights.theta", nothing(fixture));
    owm.observe(with_gradient(1, {0.7, -0.4}, 1), 1, 0);
    const auto theta = owm.theta();
    for (std::size_t j = 0; j < 2; ++j) {
        CHECK(theta[j] == Approx(-(0.7 * P[0][j] - 0.4 * P[1][j])).epsilon(1e-5));
        CHECK(theta[2 + j] == Approx(0.7 * P[0][j] - 0.4 * P[1][j]).epsilon(1e-5));
    }
}
