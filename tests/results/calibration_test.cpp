// SPDX-License-Identifier: Apache-2.0
// Calibration errors against values by hand.
#include "catch.hpp"

#include <cmath>

#include "formulas.hpp"

using namespace mneme::results;

namespace {

Block two_tasks() {
    Block block = Block::blank({"a"}, {1}, {"one", "two"}, 0, 0);
    block.n_evaluated.data = {100, 100};
    return block;
}

} // namespace

TEST_CASE("the calibration error is 0 of who is as often right as sure") {
    Block block = two_tasks();
    block.calibration_count = {{1, 1, 2, 2, 15}, 0};
    block.calibration_correct = block.calibration_count;
    block.calibration_confidence = {{1, 1, 2, 2, 15}, 0.0};
    for (std::size_t row = 0; row < 4; ++row) {
        block.calibration_count.data[row * 15 + 11] = 100;
        block.calibration_correct.data[row * 15 + 11] = 75;
        block.calibration_confidence.data[row * 15 + 11] = row == 3 ? 80 : 75;
    }
    const auto errors = formula("calibration/error").value(block).data;
    CHECK(errors == std::vector<double>{0, 0, 0, 0.05});
    // Both tasks of the last row in one: 150 of 200 are right, 155 were expected.
    CHECK(of_first_run(block, "calibration_error") == 0.025);
}

TEST_CASE("the largest calibration error of a bin") {
    Block block = two_tasks();
    block.calibration_count = {{1, 1, 2, 2, 15}, 0};
    block.calibration_correct = block.calibration_count;
    block.calibration_confidence = {{1, 1, 2, 2, 15}, 0.0};
    for (std::size_t j = 0; j < 2; ++j) { // of the last row
        block.calibration_count.at({0, 0, 1, j, 7}) = 10;
        block.calibration_correct.at({0, 0, 1, j, 7}) = 5;
        block.calibration_confidence.at({0, 0, 1, j, 7}) = 5.25;
        block.calibration_count.at({0, 0, 1, j, 14}) = 90;
        block.calibration_confidence.at({0, 0, 1, j, 14}) = j == 0 ? 90 : 87.3;
        block.calibration_correct.at({0, 0, 1, j, 14}) = 81;
    }
    CHECK(std::abs(of_first_run(block, "maximum_calibration_error") - (177.3 - 162) / 180) < 1e-15);
}
