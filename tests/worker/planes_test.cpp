// SPDX-License-Identifier: Apache-2.0
// Planes through three minima: their corners and sides are the ends and points of lines.
#include "torch_catch.hpp"

#include <cmath>
#include <vector>

#include "support.hpp"
#include "worker/geometry/lines.hpp"
#include "worker/geometry/planes.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

protocol::Cell asked(int64_t tasks) {
    auto wanted = cell("finetune", small_stream("domain", tasks), {4});
    wanted.evaluation.weights = "task_ends";
    return wanted;
}

} // namespace

TEST_CASE("corners and sides of a plane have the losses of the lines between its minima", "[run]") {
    auto block = run(asked(3))[0];
    harness::Minima minima(asked(3), 0);
    harness::Lines lines(block, {.points = 5});
    REQUIRE(lines.evaluate(0, 0, minima) == "");
    harness::Planes planes(block, {.side = 7}); // a step is 1/4
    REQUIRE(planes.count() == 1);
    CHECK(block.geometry_plane_first.data == std::vector<int32_t>{1});
    CHECK(block.geometry_plane_second.data == std::vector<int32_t>{2});
    CHECK(block.geometry_plane_third.data == std::vector<int32_t>{3});
    CHECK(block.geometry_plane_position.data ==
          std::vector<double>{-0.25, 0, 0.25, 0.5, 0.75, 1, 1.25});
    planes.evaluate(0, 0, minima);
    const auto on_plane = [&](std::size_t v, std::size_t u, std::size_t k) {
        return block.geometry_plane_loss.at({0, 0, 0, v, u, k});
    };
    REQUIRE(block.geometry_pair_to.data == std::vector<int32_t>{2, 3, 3});
    for (std::size_t k = 0; k < 3; ++k)
        for (std::size_t p = 0; p < 5; ++p) {
            const auto on_line = [&](std::size_t pair) {
                return block.geometry_loss.at({0, 0, pair, p, k});
            };
            CHECK(std::abs(on_plane(1, 1 + p, k) - on_line(0)) < 1e-6);     // from a to b
            CHECK(std::abs(on_plane(1 + p, 5 - p, k) - on_line(1)) < 1e-6); // from b to c
            CHECK(std::abs(on_plane(1 + p, 1, k) - on_line(2)) < 1e-6);     // from a to c
        }
    for (int32_t correct : block.geometry_plane_correct.data) CHECK(correct >= 0);
}

TEST_CASE("two minima have no plane, and a plane that was there is taken out", "[run]") {
    auto block = run(asked(2))[0];
    CHECK(harness::Planes(block, {.side = 5}).count() == 0);
    auto three = run(asked(3))[0];
    CHECK(harness::Planes(three, {.side = 5}).count() == 1);
    CHECK(harness::Planes(three, {.side = 0}).count() == 0);
    CHECK(three.geometry_plane_loss.empty());
    CHECK(three.geometry_plane_position.empty());
}
