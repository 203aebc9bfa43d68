// SPDX-License-Identifier: Apache-2.0
// The numbers of a leaderboard, against values worked out by hand. t quantiles at 0.975 are those
// of printed tables.
#include <cmath>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "cli/board_text.hpp"
#include "leaderboard/interval.hpp"

using namespace mneme;

namespace {

constexpr double t1 = 12.7062047364; // of one degree of freedom

// Two tasks of 100 test examples. After the last task: `first` on task 1 and `second` on task 2;
// right after task 1: 90 on task 1.
struct Scores {
    const char* label;
    std::vector<std::pair<int, int>> by_seed; // first, second
    const char* flags = "batched";
};

results::Block block_of(const std::vector<Scores>& methods, std::vector<std::int32_t> seeds) {
    std::vector<std::string> labels;
    for (const Scores& m : methods) labels.push_back(m.label);
    results::Block block = results::Block::blank(labels, seeds, {"one", "two"}, 0, 0);
    block.benchmark = "toy";
    block.scenario = "domain";
    block.chance_accuracy = 0.1;
    for (std::size_t j : {0, 1}) block.n_evaluated.at({j}) = 100;
    for (std::size_t m = 0; m < methods.size(); ++m) {
        block.provenance[labels[m]] = {
            {"plugin_id", "p"},
            {"plugin_note", std::string("sdk=1.0\nmethod=p\nflags=") + methods[m].flags + "\n"}};
        for (std::size_t s = 0; s < seeds.size(); ++s) {
            const auto [first, second] = methods[m].by_seed[s];
            block.n_correct.at({m, s, 0, 0}) = 90;
            block.n_correct.at({m, s, 0, 1}) = 10;
            block.n_correct.at({m, s, 1, 0}) = first;
            block.n_correct.at({m, s, 1, 1}) = second;
            block.initial_correct.at({m, s, 0}) = block.initial_correct.at({m, s, 1}) = 10;
            block.outcome.at({m, s}) = 0;
            for (std::size_t t : {0, 1}) {
                block.train_seconds.at({m, s, t}) = 1.0 + double(s);
                block.kept_bytes.at({m, s, t}) = 1000.0 * double(t + 1);
            }
        }
    }
    return block;
}

const results::Metric& average() { return *results::find_metric("average_accuracy"); }

} // namespace

TEST_CASE("methods are ranked by their mean, and differences to the best are paired by seed") {
    // averages by seed: low .50 .60, high .70 .82; differences -.20 -.22: mean -.21, s =
    // .02/sqrt(2)
    const auto board = cli::make_board(
        block_of({{"low", {{50, 50}, {60, 60}}}, {"high", {{70, 70}, {80, 84}}}}, {1, 2}),
        average());
    REQUIRE(board.ranked.size() == 2);
    CHECK(board.ranked[0].label == "high");
    CHECK(board.ranked[0].score.mean == Approx(0.76).epsilon(1e-14));
    CHECK(board.ranked[0].score.half ==
          Approx(t1 * (0.12 / std::sqrt(2.0)) / std::sqrt(2.0)).epsilon(1e-9));
    CHECK(board.ranked[0].behind.count == 0);
    CHECK(board.ranked[1].behind.mean == Approx(-0.21).epsilon(1e-12));
    CHECK(board.ranked[1].behind.half ==
          Approx(t1 * (0.02 / std::sqrt(2.0)) / std::sqrt(2.0)).epsilon(1e-9));
}

TEST_CASE("pairing sees what two separate intervals hide") {
    // far apart seeds, constant difference of .02: each mean is uncertain, the difference is not
    const auto board = cli::make_board(
        block_of({{"a", {{20, 20}, {50, 50}, {80, 80}}}, {"b", {{22, 22}, {52, 52}, {82, 82}}}},
                 {1, 2, 3}),
        average());
    CHECK(board.ranked[0].label == "b");
    CHECK(board.ranked[0].score.half > 0.7);
    CHECK(board.ranked[1].behind.mean == Approx(-0.02).epsilon(1e-12));
    CHECK(board.ranked[1].behind.half < 1e-12);
}

TEST_CASE("the columns beside the score are means over seeds of the metrics and costs") {
    const auto board = cli::make_board(block_of({{"m", {{50, 80}, {70, 90}}}}, {1, 2}), average());
    const auto& row = board.ranked.at(0);
    CHECK(row.forgetting == Approx((0.4 + 0.2) / 2).epsilon(1e-12));
    CHECK(row.backward_transfer == Approx(-(0.4 + 0.2) / 2).epsilon(1e-12));
    CHECK(row.learning_accuracy == Approx(((0.9 + 0.8) / 2 + (0.9 + 0.9) / 2) / 2).epsilon(1e-12));
    CHECK(row.train_seconds == Approx((2.0 + 4.0) / 2));
    CHECK(row.kept_bytes == 2000);
}

TEST_CASE("a metric for which less is better is ranked the other way round") {
    const auto block = block_of({{"forgets", {{50, 99}}}, {"keeps", {{80, 80}}}}, {1});
    CHECK(cli::make_board(block, average()).ranked[0].label == "keeps");
    CHECK(cli::make_board(block, *results::find_metric("forgetting")).ranked[0].label == "keeps");
    CHECK(cli::make_board(block, *results::find_metric("learning_accuracy")).ranked[0].label ==
          "forgets");
}

TEST_CASE("an oracle stands apart however well it does") {
    const auto board = cli::make_board(
        block_of({{"joint", {{95, 95}}, "oracle, batched"}, {"er", {{80, 80}}}}, {1}), average());
    REQUIRE(board.ranked.size() == 1);
    CHECK(board.ranked[0].label == "er");
    REQUIRE(board.oracles.size() == 1);
    CHECK(board.oracles[0].label == "joint");
    CHECK(board.oracles[0].behind.mean == Approx(0.15).epsilon(1e-12));
}

TEST_CASE("the flags of another method in the same file make no oracle") {
    auto block = block_of({{"er", {{80, 80}}}}, {1});
    block.provenance["er"]["plugin_note"] = "method=other\nflags=oracle\nmethod=p\nflags=batched\n";
    CHECK(cli::make_board(block, average()).oracles.empty());
    block.provenance["er"]["plugin_note"] = "method=other\nflags=batched\nmethod=p\nflags=oracle\n";
    CHECK(cli::make_board(block, average()).oracles.size() == 1);
}

TEST_CASE(
    "a method with a seed that is not complete is not ranked, and no mean is taken over the "
    "survivors") {
    auto block =
        block_of({{"best", {{99, 99}, {99, 99}}}, {"second", {{80, 80}, {82, 82}}}}, {4, 7});
    for (const auto outcome :
         {results::Outcome::diverged, results::Outcome::failed, results::Outcome::timeout,
          results::Outcome::refused, results::Outcome::missing}) {
        block.outcome.at({0, 1}) = std::int32_t(outcome);
        const auto board = cli::make_board(block, average());
        REQUIRE(board.ranked.size() == 1);
        CHECK(board.ranked[0].label == "second");
        REQUIRE(board.incomplete.size() == 1);
        CHECK(board.incomplete[0].complete == 1);
        CHECK(board.incomplete[0].missing == std::string("seed 7 ") + results::name(outcome));
        CHECK(std::isnan(board.incomplete[0].score.mean));
    }
}

TEST_CASE("one seed: no interval, and the text says so") {
    const std::string text = cli::board_text(
        {cli::make_board(block_of({{"er", {{80, 84}}}}, {1}), average())}, cli::Format::table);
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("One seed: no interval can be given"));
    CHECK_THAT(text, !Catch::Matchers::ContainsSubstring("±"));
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("0.8200"));
}

TEST_CASE("what is not known is printed as a dash") {
    auto block = block_of({{"joint-all", {{80, 84}, {80, 84}}}}, {1, 2});
    for (std::size_t s : {0, 1}) {
        block.n_correct.at({0, s, 0, 0}) = -1;
        block.kept_bytes.at({0, s, 1}) = std::nan("");
    }
    const std::string text = cli::board_text({cli::make_board(block, average())}, cli::Format::csv);
    CHECK_THAT(text,
               Catch::Matchers::ContainsSubstring(
                   "toy,ranked,1,joint-all,average_accuracy,0.8200000000000001,0,,,,,,3,,2,2") ||
                   Catch::Matchers::ContainsSubstring(
                       "toy,ranked,1,joint-all,average_accuracy,0.82,0,,,,,,3,,2,2"));
    const std::string table =
        cli::board_text({cli::make_board(block, average())}, cli::Format::table);
    CHECK_THAT(table, Catch::Matchers::ContainsSubstring(
                          "   1  joint-all   0.8200 ± 0.0000         best           -              "
                          "    -                  -      3.0     -      2"));
}

TEST_CASE("the JSON of a board holds the same numbers, with null for what is not known") {
    const auto board = cli::make_board(
        block_of({{"low", {{50, 50}, {60, 60}}}, {"high", {{70, 70}, {80, 84}}}}, {3, 5}),
        average());
    const auto json =
        nlohmann::json::parse(cli::board_text({board}, cli::Format::json))["leaderboards"][0];
    CHECK(json["seeds"] == nlohmann::json({3, 5}));
    CHECK(json["ranked"][0]["method"] == "high");
    CHECK(json["ranked"][0]["difference_to_best"].is_null());
    CHECK(json["ranked"][1]["difference_to_best"]["mean"] == board.ranked[1].behind.mean);
    CHECK(json["ranked"][1]["values"] == nlohmann::json({0.5, 0.6}));
}
