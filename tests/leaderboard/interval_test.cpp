// SPDX-License-Identifier: Apache-2.0
// t quantiles at 0.975 are those of printed tables.
#include <cmath>

#include "catch.hpp"
#include "leaderboard/interval.hpp"

using namespace mneme::leaderboard;

namespace {
constexpr double t2 = 4.3026527297, t4 = 2.7764451052; // by degrees of freedom
}

TEST_CASE("the interval of three values is that of a t table") {
    const std::vector<double> values{0.1, 0.2, 0.3}; // s = 0.1
    const auto interval = t_interval(values);
    CHECK(interval.count == 3);
    CHECK(interval.mean == Approx(0.2).epsilon(1e-14));
    CHECK(interval.half == Approx(t2 * 0.1 / std::sqrt(3.0)).epsilon(1e-10));
}

TEST_CASE("the interval of five values: 2 4 4 4 6") {
    const std::vector<double> values{2, 4, 4, 4, 6}; // squares 4 + 4 = 8, s^2 = 2
    CHECK(t_interval(values).half == Approx(t4 * std::sqrt(2.0 / 5.0)).epsilon(1e-10));
}

TEST_CASE("one value has a mean and no interval, none has neither, equal ones have width 0") {
    CHECK(t_interval(std::vector<double>{0.5}).mean == 0.5);
    CHECK(std::isnan(t_interval(std::vector<double>{0.5}).half));
    CHECK(std::isnan(t_interval({}).mean));
    CHECK(t_interval(std::vector<double>{0.5, 0.5, 0.5}).half == 0);
}

TEST_CASE("a NaN among the values leaves no mean") {
    const auto interval = t_interval(std::vector<double>{0.5, std::nan(""), 0.7});
    CHECK(std::isnan(interval.mean));
    CHECK(std::isnan(interval.half));
}

TEST_CASE("t probabilities: printed quantiles, and the normal distribution at infinite degrees") {
    CHECK(t_quantile(0.975, 2) == Approx(t2).epsilon(1e-10));
    CHECK(t_two_sided(t4, 4) == Approx(0.05).epsilon(1e-9));
    CHECK(t_below(-t4, 4) == Approx(0.025).epsilon(1e-9));
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(t_quantile(0.975, infinity) == Approx(1.959963984540054).epsilon(1e-12));
    CHECK(t_two_sided(1.959963984540054, infinity) == Approx(0.05).epsilon(1e-12));
    CHECK(t_two_sided(infinity, 3) == 0);
    CHECK(t_below(-infinity, 3) == 0);
    CHECK(t_below(infinity, 3) == 1);
}
