// SPDX-License-Identifier: Apache-2.0
#include <report/axis.hpp>

#include <catch.hpp>

#include <cmath>

using namespace mneme::report;

TEST_CASE("a linear axis ends at round numbers around its values") {
    const Axis axis = linear_axis(std::vector<double>{0.337, std::nan(""), 0.769});
    CHECK(axis.low == Approx(0.3));
    CHECK(axis.high == Approx(0.8));
    CHECK(axis.at(0.3) == Approx(0).margin(1e-12));
    CHECK(axis.at(0.8) == Approx(1));
    CHECK(axis.ticks.size() == 6);
    CHECK(axis.text(axis.ticks[2]) == "0.5");
}

TEST_CASE("an axis of one value, and of none") {
    CHECK(linear_axis(std::vector<double>{2, 2}).low == 1.5);
    CHECK(linear_axis(std::vector<double>{}).high == 1);
}

TEST_CASE("a logarithmic axis: a factor of ten is one distance, and zeros are left out") {
    const Axis axis = logarithmic_axis({0, 10, 1000, std::nan("")});
    CHECK(axis.at(100) - axis.at(10) == Approx(axis.at(1000) - axis.at(100)));
    CHECK(axis.text(1e6) == "1e6");
    CHECK(axis.text(2e-5) == "2e-5");
    for (double tick : axis.ticks) CHECK((tick >= axis.low && tick <= axis.high));
}

TEST_CASE("whole ticks: the first, and multiples of a round stride") {
    CHECK(counted_ticks(5, 10) == std::vector<std::size_t>{1, 2, 3, 4, 5});
    CHECK(counted_ticks(20, 10) == std::vector<std::size_t>{1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20});
    CHECK(counted_ticks(100, 10) ==
          std::vector<std::size_t>{1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100});
    CHECK(counted_ticks(0, 10).empty());
}

TEST_CASE("labels are moved apart no further than they must be") {
    const std::vector<double> places = spread_out({50, 52, 90}, 14, 0, 100);
    CHECK(places[0] == Approx(44));
    CHECK(places[1] == Approx(58));
    CHECK(places[2] == Approx(90));
    const std::vector<double> at_the_end = spread_out({99, 98}, 10, 0, 100);
    CHECK(at_the_end[0] == Approx(100));
    CHECK(at_the_end[1] == Approx(90));
}
