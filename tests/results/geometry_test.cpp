// SPDX-License-Identifier: Apache-2.0
// Barriers on lines whose losses are known.
#include "catch.hpp"

#include <cmath>
#include <vector>

#include <results/geometry.hpp>

using namespace mneme::results;

namespace {

std::vector<double> line(std::size_t points, double (*loss)(double)) {
    std::vector<double> values;
    for (std::size_t k = 0; k < points; ++k)
        values.push_back(loss(static_cast<double>(k) / static_cast<double>(points - 1)));
    return values;
}

} // namespace

TEST_CASE("a quadratic loss between its minimum and another point has no barrier") {
    // L(theta) = theta^2 from theta = -1 to 2: t^2 terms curve upwards, so the line lies above.
    const auto values = line(25, [](double t) { return std::pow(-1 + 3 * t, 2); });
    CHECK(barrier(values, BarrierOver::line) == 0);
    // Against the mean (1 + 4) / 2 the far end is 1.5 above.
    CHECK(std::abs(barrier(values, BarrierOver::mean) - 1.5) < 1e-15);
    // L(t) - line = 9 t^2 - 9 t, whose trapezoid sum over n steps is -9 (1 - 1/n^2) / 6.
    CHECK(std::abs(barrier_area(values) + 1.5 * (1 - 1.0 / (24 * 24))) < 1e-13);
}

TEST_CASE("between two minima of a double well the barrier is the height of the middle") {
    // L(theta) = (theta^2 - 1)^2 from -1 to 1: 0 at both ends, 1 in the middle.
    const auto values = line(25, [](double t) { return std::pow(std::pow(2 * t - 1, 2) - 1, 2); });
    CHECK(barrier(values, BarrierOver::line) == 1);
    CHECK(barrier(values, BarrierOver::mean) == 1);
    CHECK(std::abs(barrier_area(values) - 8.0 / 15) < 1e-5); // the integral of 16 t^2 (1-t)^2
}

TEST_CASE("a straight line of losses is no barrier, whatever its slope; NaN stays NaN") {
    const auto straight = line(7, [](double t) { return 0.3 + 0.1 * t; });
    CHECK(barrier(straight, BarrierOver::line) < 1e-15);
    CHECK(std::abs(barrier(straight, BarrierOver::mean) - 0.05) < 1e-15);
    CHECK(std::isnan(barrier(std::vector{1.0, std::nan(""), 2.0}, BarrierOver::line)));
    CHECK(std::isnan(barrier(std::vector{std::nan(""), 0.0, 2.0}, BarrierOver::mean)));
}

TEST_CASE("the curvature of a quadratic loss is that of the quadratic, wherever it is taken") {
    const auto values = line(9, [](double t) { return 3 * (2 * t) * (2 * t) - t; }); // of length 2
    const auto found = curvature(values, 2);
    REQUIRE(found.size() == 9);
    CHECK(std::isnan(found.front()));
    CHECK(std::isnan(found.back()));
    for (std::size_t k = 1; k < 8; ++k) CHECK(std::abs(found[k] - 6) < 1e-12);
    for (double x : curvature(values, 0)) CHECK(std::isnan(x));
}
