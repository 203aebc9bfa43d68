// SPDX-License-Identifier: Apache-2.0
// The drawing of a plane: which way up, what is marked, where colours end.
#include <report/benchmark_figures.hpp>

#include <catch.hpp>

#include <cmath>
#include <limits>

#include <sample.hpp>

using namespace mneme;
using namespace mneme::report;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

// u + 2 v on the plane, of each seed and task.
results::Block sloped() {
    results::Block block = results::test::inside_block();
    const auto& position = block.geometry_plane_position.data;
    auto& loss = block.geometry_plane_loss;
    const std::size_t side = position.size(), T = block.tasks.size();
    for (std::size_t i = 0; i < loss.data.size(); ++i)
        loss.data[i] = 1 + position[i / T % side] + 2 * position[i / T / side % side];
    return block;
}

} // namespace

TEST_CASE("a plane stands with v upwards, its three minima named") {
    const FigureGroup group = plane_figures(sloped());
    REQUIRE(group.figures.size() == 6); // three methods, two planes
    const Figure& figure = group.figures[1];
    CHECK(figure.title == "finetune: 2, 3, joint");
    CHECK(figure.description ==
          "Loss of finetune on the plane through its minima after tasks 2 "
          "and 3 and the minimum of all tasks together.");
    CHECK(figure.table.columns ==
          std::vector<std::string>{"v \\ u", "-0.500", "0.000", "0.500", "1.000"});
    CHECK(figure.table.rows[0] ==
          std::vector<std::string>{"1.000", "2.5000", "3.0000", "3.5000", "4.0000"});
    CHECK(figure.table.rows[3][0] == "-0.500");
    const std::string drawing = figure.drawing.str();
    // The names of the two minima at v = 0 stand in the third of four rows of 44, around 8 + 110.
    CHECK(count(drawing, "y=\"122\" style=") == 2);
    CHECK(count(drawing, ">joint</text>") == 1);
}

TEST_CASE("colours of planes end at the largest loss within the triangle of the minima") {
    // 1 + u + 2 v of the points between the three: from 1 at (0, 0) to 3 at (0, 1).
    const FigureGroup group = plane_figures(sloped());
    CHECK(group.low <= 1);
    CHECK(group.low > 0.5);
    CHECK(group.high >= 3);
    CHECK(group.high < 3.5);
    results::Block block = sloped();
    block.geometry_plane_loss.data.back() = 1000; // outside, at (1, 1)
    CHECK(plane_figures(block).high == group.high);
    for (double& loss : block.geometry_plane_loss.data)
        loss = std::numeric_limits<double>::quiet_NaN();
    CHECK(plane_figures(block).figures.empty());
    CHECK(plane_figures(results::test::domain_block({"er"}, {1})).figures.empty());
}
