// SPDX-License-Identifier: Apache-2.0
// The cost of a run from those of its tasks, by hand.
#include "leaderboard/measure.hpp"

#include <cmath>

#include "catch.hpp"
#include "sample.hpp"

using namespace mneme::leaderboard;

TEST_CASE("a cost is a sum, the last or the largest over tasks, as its formula says") {
    auto block = sample::block_of({sample::even("m", {50})}, {1});
    const auto value = [&](const char* name) { return find_measure(name)->value(block, 0, 0); };
    block.train_seconds.data = {3, 4};
    block.kept_bytes.data = {5000, 2000}; // what was kept for the first task is gone
    block.peak_rss_bytes = block.kept_bytes;
    CHECK(find_measure("train_seconds")->formula == "sum over tasks");
    CHECK(value("train_seconds") == 7);
    CHECK(find_measure("kept_bytes")->formula == "after the last task");
    CHECK(value("kept_bytes") == 2000);
    CHECK(find_measure("peak_rss_bytes")->formula == "largest over tasks");
    CHECK(value("peak_rss_bytes") == 5000);
    block.train_seconds.data[0] = block.kept_bytes.data[0] = std::nan("");
    CHECK(std::isnan(value("train_seconds")));
    CHECK(value("kept_bytes") == 2000); // the last one is known
}
