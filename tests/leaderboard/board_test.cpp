// SPDX-License-Identifier: Apache-2.0
// The numbers of a board, against values worked out by hand and limma's.
#include "leaderboard/board.hpp"

#include <algorithm>
#include <cmath>

#include <base/error.hpp>

#include "catch.hpp"
#include "leaderboard/multiple.hpp"
#include "sample.hpp"

using namespace mneme;
using leaderboard::BoardOptions;
using leaderboard::Decision;
using leaderboard::make_board;
using sample::block_of;
using sample::even;

namespace {

constexpr double t1 = 12.7062047364; // the 0.975 quantile of t with one degree of freedom
const double none = std::nan("");

std::vector<std::string> labels(const std::vector<leaderboard::Row>& rows) {
    std::vector<std::string> out;
    for (const auto& row : rows) out.push_back(row.label);
    return out;
}

using Labels = std::vector<std::string>;

} // namespace

TEST_CASE("methods are ranked by their mean, and differences to the best are paired by seed") {
    // averages by seed: low .50 .60, high .70 .82; differences -.20 -.22: mean -.21, s = .02/sqrt 2
    const auto board =
        make_board(block_of({even("low", {50, 60}), {"high", {{70, 70}, {80, 84}}}}, {1, 2}), {});
    REQUIRE(labels(board.ranked) == Labels{"high", "low"});
    CHECK(board.ranked[0].score.mean == Approx(0.76).epsilon(1e-14));
    CHECK(board.ranked[0].score.half ==
          Approx(t1 * (0.12 / std::sqrt(2.0)) / std::sqrt(2.0)).epsilon(1e-9));
    CHECK(board.ranked[0].to_reference.count == 0);
    CHECK(board.ranked[1].to_reference.mean == Approx(-0.21).epsilon(1e-12));
    // One pair: the simultaneous interval is the plain one.
    CHECK(board.ranked[1].to_reference.half ==
          Approx(t1 * (0.02 / std::sqrt(2.0)) / std::sqrt(2.0)).epsilon(1e-9));
}

TEST_CASE("pairing sees what two separate intervals hide") {
    // far apart seeds, constant difference of .02: each mean is uncertain, the difference is exact
    const auto board =
        make_board(block_of({even("a", {20, 50, 80}), even("b", {22, 52, 82})}, {1, 2, 3}), {});
    CHECK(board.ranked[0].label == "b");
    CHECK(board.ranked[0].score.half > 0.7);
    CHECK(board.ranked[1].to_reference.mean == Approx(-0.02).epsilon(1e-12));
    CHECK(board.ranked[1].to_reference.half == 0);
    CHECK(board.pairs[0].decision == Decision::different);
}

TEST_CASE("tests over all pairs are limma's with our cap, adjusted by Holm over all of them") {
    const auto board = make_board(sample::permuted(), {});
    REQUIRE(labels(board.ranked) == Labels{"er", "agem", "mcsgd", "ewc", "finetune"});
    REQUIRE(board.pairs.size() == 10);
    const auto& first = board.pairs[0]; // er and agem; moderated_permuted.out.csv
    CHECK(first.difference.mean == Approx(0.01564).epsilon(1e-12));
    CHECK(first.test.t == Approx(2.29716110384952).epsilon(1e-9));
    CHECK(std::isinf(board.prior.degrees));
    CHECK(first.test.degrees == 16); // (5 - 1)(5 - 1)
    CHECK(first.test.p == Approx(leaderboard::t_two_sided(2.29716110384952, 16)).epsilon(1e-9));
    CHECK(first.p_adjusted == first.test.p); // the largest of all
    CHECK(first.half == Approx(leaderboard::t_quantile(1 - 0.05 / 20, 16) * first.test.error));
    CHECK(first.decision == Decision::different);
    CHECK(board.ranked[1].to_reference.mean == Approx(-0.01564).epsilon(1e-12));
    CHECK(board.ranked[1].to_reference.half == first.half);
    CHECK(board.ranked[1].tier == "b");
}

TEST_CASE("a margin makes pairs equal; both at once is possible") {
    const auto block =
        block_of({even("a", {50.0, 60.1, 70.0, 40.0}), even("b", {50.1, 60.0, 70.1, 39.9}),
                  even("c", {55.0, 65.0, 75.2, 45.0})},
                 {1, 2, 3, 4});
    const auto board = make_board(block, {}); // one point
    CHECK(board.ranked[0].label == "c");
    CHECK(board.options.margin == 0.01);
    CHECK(board.pairs.back().decision == Decision::equal); // a and b
    CHECK(board.pairs[0].decision == Decision::different);
    BoardOptions wide;
    wide.margin = 0.2;
    CHECK(make_board(block, wide).pairs[0].decision == Decision::different_within_margin);
    CHECK(make_board(block, wide).pairs[0].seeds_needed == 0);
}

TEST_CASE("an alpha of its own moves decisions and intervals") {
    BoardOptions strict;
    strict.alpha = 0.01;
    const auto board = make_board(sample::permuted(), strict);
    CHECK(board.pairs[0].decision == Decision::not_decided);
    CHECK(board.ranked[1].tier == "a");
    CHECK(board.pairs[0].half > make_board(sample::permuted(), {}).pairs[0].half);
    CHECK(board.pairs[0].seeds_needed ==
          leaderboard::seeds_needed(leaderboard::paired_t(board.pairs[0].difference).gz, 0.01));
}

TEST_CASE("a pair is decided by its adjusted p value, not by its own") {
    const auto board = make_board(sample::permuted(), {});
    for (std::size_t i = 0; i < board.pairs.size(); ++i) {
        const auto& pair = board.pairs[i];
        if (pair.p_adjusted == pair.test.p || pair.test.p < 1e-12) continue; // the largest of all
        INFO(pair.test.p << " " << pair.p_adjusted);
        BoardOptions between;
        between.alpha = (pair.test.p + pair.p_adjusted) / 2;
        CHECK(make_board(sample::permuted(), between).pairs[i].decision == Decision::not_decided);
        between.alpha = pair.p_adjusted * 1.01;
        CHECK(make_board(sample::permuted(), between).pairs[i].decision == Decision::different);
    }
}

TEST_CASE("a baseline is compared with every method, and only with the baseline") {
    BoardOptions options;
    options.baseline = "mcsgd";
    const auto board = make_board(sample::permuted(), options);
    REQUIRE(board.pairs.size() == 4);
    for (const auto& pair : board.pairs) CHECK(board.ranked[pair.b].label == "mcsgd");
    CHECK(board.pairs.back().difference.mean < 0); // finetune - mcsgd
    CHECK(board.ranked[0].to_reference.mean > 0);  // er - mcsgd
    CHECK(board.ranked[2].to_reference.count == 0);
    CHECK(board.ranked[0].tier.empty());
    const auto all = make_board(sample::permuted(), {});
    CHECK(board.pairs[0].test.t == Approx(all.pairs[1].test.t)); // variances learned from all pairs
    CHECK(board.pairs[0].half < all.pairs[1].half);              // four at once, not ten
}

TEST_CASE("means beside the score are those of the metrics and costs over seeds") {
    const auto board =
        make_board(block_of({even("x", {1, 1}), {"m", {{50, 80}, {70, 90}}}}, {1, 2}), {});
    const auto& row = board.ranked.at(0);
    const auto mean = [&](const char* name) {
        return row
            .means[std::size_t(leaderboard::find_measure(name) - leaderboard::measures().data())];
    };
    CHECK(mean("forgetting") == Approx((0.4 + 0.2) / 2).epsilon(1e-12));
    CHECK(mean("backward_transfer") == Approx(-(0.4 + 0.2) / 2).epsilon(1e-12));
    CHECK(mean("learning_accuracy") == Approx(((0.9 + 0.8) / 2 + (0.9 + 0.9) / 2) / 2));
    CHECK(mean("train_seconds") == Approx((2.0 + 4.0) / 2));
    CHECK(mean("train_samples") == 1000);
    CHECK(mean("kept_bytes") == 2000);
    CHECK(std::isnan(mean("peak_rss_bytes")));
}

TEST_CASE("a measure for which less is better is ranked the other way round") {
    const auto block = block_of({{"forgets", {{50, 99}}}, {"keeps", {{80, 80}}}}, {1});
    const auto first = [&](const char* metric) {
        BoardOptions options;
        options.metric = metric;
        return make_board(block, options).ranked[0].label;
    };
    CHECK(first("average_accuracy") == "keeps");
    CHECK(first("forgetting") == "keeps");
    CHECK(first("learning_accuracy") == "forgets");
    CHECK(first("kept_bytes") == "forgets"); // 0 bytes beside 2000
}

TEST_CASE("an oracle stands apart however well it does, with an interval of its own") {
    const auto board = make_board(
        block_of({even("joint", {95, 96}, "oracle, batched"), even("er", {80, 82})}, {1, 2}), {});
    CHECK(labels(board.ranked) == Labels{"er"});
    REQUIRE(labels(board.oracles) == Labels{"joint"});
    CHECK(board.oracles[0].rank == 0);
    CHECK(board.oracles[0].to_reference.mean == Approx(0.145).epsilon(1e-12));
    CHECK_FALSE(board.oracles[0].simultaneous);
    CHECK(board.pairs.empty());
}

TEST_CASE("the flags of another method in the same file make no oracle") {
    auto block = block_of({even("er", {80})}, {1});
    block.provenance["er"]["plugin_note"] = "method=other\nflags=oracle\nmethod=p\nflags=batched\n";
    CHECK(make_board(block, {}).oracles.empty());
    block.provenance["er"]["plugin_note"] = "method=other\nflags=batched\nmethod=p\nflags=oracle\n";
    CHECK(make_board(block, {}).oracles.size() == 1);
}

TEST_CASE("a method with a seed that failed is not ranked: no mean is taken over survivors") {
    auto block = block_of({even("best", {99, 99}), even("second", {80, 82})}, {4, 7});
    for (const auto outcome : {results::Outcome::diverged, results::Outcome::failed,
                               results::Outcome::timeout, results::Outcome::refused}) {
        block.outcome.at({0, 1}) = std::int32_t(outcome);
        const auto board = make_board(block, {});
        CHECK(labels(board.ranked) == Labels{"second"});
        REQUIRE(labels(board.unranked) == Labels{"best"});
        CHECK(board.unranked[0].complete == 1);
        CHECK(board.unranked[0].remark ==
              std::string("1 of 2 seeds complete (seed 7 ") + results::name(outcome) + ")");
        CHECK(std::isnan(board.unranked[0].score.mean));
    }
}

TEST_CASE("seeds that were not run blank nothing: pairs are compared on their common seeds") {
    const auto board =
        make_board(block_of({even("a", {70, 72, 71, none, none}), even("b", {60, 63, 61, 62, 64}),
                             even("c", {none, none, 50, 51, 53})},
                            {1, 2, 3, 4, 5}),
                   {});
    CHECK(labels(board.ranked) == Labels{"a", "b", "c"});
    CHECK(board.ranked[0].complete == 3);
    CHECK(board.ranked[0].score.mean == Approx(0.71));
    CHECK(board.pairs[0].difference.n == 3); // a, b: seeds 1 2 3
    CHECK(board.pairs[0].difference.mean == Approx((0.10 + 0.09 + 0.10) / 3));
    CHECK(board.pairs[1].difference.n == 1); // a, c: seed 3
    CHECK(std::isnan(board.pairs[1].test.p));
    CHECK(board.pairs[2].difference.n == 3); // b, c: seeds 3 4 5
    CHECK(board.common_seeds == 1);
    CHECK(board.ranked[0].rank_probability.empty());
}

TEST_CASE("ties share a rank") {
    const auto board = make_board(block_of({even("a", {50, 60}), even("b", {60, 50}),
                                            even("c", {70, 70}), even("d", {10, 10})},
                                           {1, 2}),
                                  {});
    std::vector<std::size_t> ranks;
    for (const auto& row : board.ranked) ranks.push_back(row.rank);
    CHECK(ranks == std::vector<std::size_t>{1, 2, 2, 4});
}

TEST_CASE("rank stability: over all resamples of the common seeds") {
    const auto board = make_board(sample::permuted(), {});
    CHECK(board.common_seeds == 5);
    CHECK(board.ranked[0].rank_probability[0] == 0.99968); // rank_stability.json
    CHECK(board.ranked[1].rank_probability[0] == 0.00032);
    BoardOptions forgetting;
    forgetting.metric = "forgetting"; // less is better: the same order here
    CHECK(make_board(sample::permuted(), forgetting).ranked[0].rank_probability[0] > 0.99);
}

TEST_CASE("sorting changes the list and not the ranks; only some methods can be compared") {
    BoardOptions options;
    options.sort = "method";
    const auto board = make_board(sample::permuted(), options);
    CHECK(board.ranked[board.listed[0]].label == "agem");
    CHECK(board.ranked[board.listed[0]].rank == 2);
    options.sort = "kept_bytes";
    const auto by_bytes = make_board(sample::permuted(), options);
    CHECK(by_bytes.ranked[by_bytes.listed[4]].label == "finetune");
    options.methods = {"er", "ewc"};
    CHECK(make_board(sample::permuted(), options).pairs.size() == 1);
}

TEST_CASE("equal budgets: what needs more than the least is left out, and named") {
    BoardOptions options;
    options.equal = "bytes"; // of method m: 2000 m
    options.methods = {"mcsgd", "agem"};
    const auto board = make_board(sample::permuted(), options);
    CHECK(labels(board.ranked) == Labels{"mcsgd"});
    CHECK(labels(board.unranked) == Labels{"agem"});
    CHECK(board.unranked[0].remark == "kept bytes 3.9 KiB, above the budget");
    CHECK(
        board.notes[0] ==
        "Equal bytes: the least budget is kept bytes 2.0 KiB, that of mcsgd; left out for needing "
        "more: agem.");
    options.equal = "samples";
    CHECK(make_board(sample::permuted(), options).ranked.size() == 2);
    CHECK(
        make_board(sample::permuted(), options).notes[0] ==
        "Equal samples: the least budget is train samples 1000, that of mcsgd; every method keeps "
        "to it.");
}

TEST_CASE("limits are named as limits") {
    auto block = block_of({even("a", {70, 71}), even("b", {60, 61})}, {1, 2});
    CHECK(make_board(block, {}).limits.empty());
    block.limit_train = 200, block.limit_test = 50;
    CHECK(make_board(block, {}).limits == "limit 200, limit-test 50");
    block.limit_train = 0; // the record of the run decides, not the text of a command line
    block.provenance["a"]["command_line"] = "mneme run x.toml --limit 2000";
    CHECK(make_board(block, {}).limits == "limit-test 50");
}

TEST_CASE("unknown names are refused with the nearest known one") {
    const auto refused = [](const BoardOptions& options) {
        try {
            make_board(sample::permuted(), options);
        } catch (const base::ExitError& error) {
            CHECK(error.code() == base::ExitCode::usage);
            return std::string(error.what());
        }
        return std::string();
    };
    BoardOptions options;
    options.metric = "forgeting";
    CHECK(refused(options) ==
          "--metric forgeting: unknown; the nearest known one is \"forgetting\"");
    options = {};
    options.methods = {"mcsdg"};
    CHECK(refused(options) == "--method mcsdg: unknown; the nearest known one is \"mcsgd\"");
    options = {};
    options.baseline = "ewcc";
    CHECK(refused(options) == "--baseline ewcc: unknown; the nearest known one is \"ewc\"");
    options = {};
    options.sort = "methods";
    CHECK(refused(options) == "--sort methods: unknown; the nearest known one is \"method\"");
}
