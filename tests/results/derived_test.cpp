// SPDX-License-Identifier: Apache-2.0
// Accuracies from counts, by hand.
#include "catch.hpp"

#include <cmath>
#include <limits>

#include <results/block.hpp>

#include "../../results_schema/inside.hpp"

using namespace mneme::results;

TEST_CASE("a share is taken of its own task; without examples or an answer there is none") {
    Array<std::int32_t> correct({2, 3}, -1), evaluated({3}, 0);
    correct.data = {1, 2, 3, -1, 0, 4};
    evaluated.data = {0, 8, 4}; // nothing was evaluated on the first task
    const Array<double> found = share(correct, evaluated);
    CHECK(found.shape == std::vector<std::size_t>{2, 3});
    for (const std::size_t unknown : {0u, 3u}) CHECK(std::isnan(found.data[unknown]));
    CHECK(found.data[1] == .25);
    CHECK(found.data[2] == .75);
    CHECK(found.data[4] == 0);
    CHECK(found.data[5] == 1);
    evaluated.data = {4, 0, -1}; // nor on the last ones
    for (const std::size_t unknown : {1u, 2u, 3u, 4u, 5u})
        CHECK(std::isnan(share(correct, evaluated).data[unknown]));
    CHECK(share(correct, evaluated).data[0] == .25);
}

TEST_CASE("a reported accuracy stands where nothing was counted, and nowhere else") {
    Block block = Block::blank({"a"}, {1}, {"one", "two"}, 0, 0);
    block.n_evaluated.data = {10, 10};
    block.n_correct.data = {9, -1, 5, -1};
    block.reported_accuracy = Array<double>({1, 1, 2, 2}, std::nan(""));
    block.reported_accuracy.data = {.1, .2, std::nan(""), .4};
    const Array<double> found = accuracy(block);
    CHECK(found.data == std::vector<double>{.9, .2, .5, .4});
}
