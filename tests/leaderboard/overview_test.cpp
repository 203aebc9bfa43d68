// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/overview.hpp"

#include "leaderboard/print.hpp"
#include "reference.hpp"
#include "sample.hpp"

using namespace mneme;
using leaderboard::make_leaderboard;
using sample::block_of;
using sample::even;

namespace {

results::Block of_reference(const reference::Scores& scores, std::size_t benchmark) {
    std::vector<sample::Scores> methods;
    for (std::size_t m = 0; m < scores.methods.size(); ++m) {
        std::vector<double> percent;
        for (double value : scores.values[m][benchmark]) percent.push_back(100 * value);
        methods.push_back(even(scores.methods[m], percent));
    }
    return block_of(methods, {1, 2, 3, 4, 5}, scores.benchmarks[benchmark]);
}

} // namespace

TEST_CASE("ranks by benchmark first, then the mean difference of the reference") {
    const auto file = reference::json("pooled.json");
    const reference::Scores scores(file["input"]);
    const auto overview =
        make_leaderboard(
            {of_reference(scores, 0), of_reference(scores, 1), of_reference(scores, 2)}, {})
            .overview;
    REQUIRE(overview.rows.size() == 5);
    CHECK(overview.rows[0].label == "er");
    CHECK(overview.rows[0].ranks == std::vector<double>{2, 1, 1});
    CHECK(overview.rows[0].mean_rank == Approx(4.0 / 3)); // friedman.json, blocks_benchmark
    const auto& pair = file["expected"][0];               // er, mcsgd
    CHECK(overview.rows[1].label == "mcsgd");
    CHECK(-overview.rows[1].to_first.mean == reference::near(pair["mean"], 1e-12));
    CHECK(overview.rows[1].to_first.degrees == reference::near(pair["df_satterthwaite"], 1e-9));
    CHECK(overview.rows[1].apart);
    CHECK(
        overview.sentences[0] ==
        "er is ahead of mcsgd on 2 benchmarks and behind it on 1, so neither is better over these "
        "3 benchmarks: choose by benchmark.");
    CHECK(overview.critical_difference == Approx(3.5215415701974604).epsilon(1e-9));
    CHECK_FALSE(overview.diagram);
    CHECK(
        overview.notes.back() ==
        "No critical-difference diagram: over 3 benchmarks of 5 methods mean ranks must differ by "
        "3.5 of at most 4.");
    CHECK(leaderboard::diagram_text(overview).empty());
}

TEST_CASE("a diagram is drawn where it can tell methods apart") {
    std::vector<results::Block> blocks;
    for (int b = 0; b < 12; ++b) {
        const double x = b;
        blocks.push_back(block_of({even("a", {80 + x / 10, 80}), even("b", {70, 70 + x / 10}),
                                   even("c", {60, 60}), even("d", {50 + x, 50})},
                                  {1, 2}, "b" + std::to_string(b)));
    }
    const auto overview = make_leaderboard(blocks, {}).overview;
    REQUIRE(overview.diagram);
    CHECK(overview.critical_difference < 1.5);
    const std::string text = leaderboard::diagram_text(overview);
    CHECK(text.substr(0, 5) == "a  o-");
    CHECK(std::count(text.begin(), text.end(), '\n') >= 4);
    CHECK(overview.sentences[0] ==
          "a has the best mean rank over 12 benchmarks and is told apart from the next, b, by the "
          "mean difference.");
}

TEST_CASE("a method that is not ranked everywhere is left out, and named") {
    const auto overview =
        make_leaderboard(
            {block_of({even("a", {80, 81}), even("b", {70, 72}), even("c", {1, 2})}, {1, 2}, "x"),
             block_of({even("a", {80, 81}), even("b", {70, 72})}, {1, 2}, "y")},
            {})
            .overview;
    CHECK(overview.rows.size() == 2);
    CHECK(overview.left_out == std::vector<std::string>{"c"});
}

TEST_CASE("one benchmark has no overview") {
    CHECK(make_leaderboard({sample::permuted()}, {}).overview.rows.empty());
    CHECK(make_leaderboard({block_of({even("a", {1, 2})}, {1, 2}, "x"),
                            block_of({even("b", {1, 2})}, {1, 2}, "y")},
                           {})
              .overview.rows.empty());
}
