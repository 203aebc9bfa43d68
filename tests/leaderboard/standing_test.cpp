// SPDX-License-Identifier: Apache-2.0
// What a method's row says of the seeds that did not complete.
#include "leaderboard/standing.hpp"

#include "catch.hpp"
#include "leaderboard/board.hpp"
#include "sample.hpp"

using namespace mneme;
using sample::even;

TEST_CASE("costs and metrics of a method are means over the seeds that completed") {
    auto block = sample::block_of({even("m", {60, 80, 90})}, {1, 2, 3}); // 2, 4 and 6 seconds
    const auto mean = [&](const char* name) {
        const auto board = leaderboard::make_board(block, {});
        const auto& row = board.unranked.empty() ? board.ranked.at(0) : board.unranked.at(0);
        return row
            .means[std::size_t(leaderboard::find_measure(name) - leaderboard::measures().data())];
    };
    CHECK(mean("train_seconds") == 4);
    for (const auto outcome : {results::Outcome::diverged, results::Outcome::failed,
                               results::Outcome::timeout, results::Outcome::missing}) {
        block.outcome.at({0, 2}) = std::int32_t(outcome); // its seconds stay in the file
        CHECK(mean("train_seconds") == 3);
        CHECK(mean("average_accuracy") == Approx(0.7));
    }
}
