// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "catch.hpp"
#include "leaderboard/imported.hpp"
#include "leaderboard/print.hpp"
#include "sample.hpp"

using namespace mneme;
using leaderboard::set_beside;
using sample::block_of;
using sample::even;

namespace {

// As `mneme import` makes it: no digests, no costs; one method by counts, one as reported.
results::Block theirs(const std::string& benchmark = "toy") {
    auto block = block_of({even("er", {80, 82}), even("gem", {0, 0})}, {1, 9}, benchmark);
    block.reported_accuracy = {block.n_correct.shape, std::nan("")};
    for (std::size_t s : {0u, 1u})
        for (std::size_t i : {0u, 1u})
            for (std::size_t j : {0u, 1u}) {
                block.n_correct.at({1, s, i, j}) = -1;
                block.reported_accuracy.at({1, s, i, j}) = 0.625 + 0.125 * double(s);
            }
    block.n_evaluated.at({0}) = block.n_evaluated.at({1}) = 10000;
    for (const std::string& label : block.methods)
        block.provenance[label] = {{"origin", "imported"}, {"imported_from", "runs/theirs.csv"}};
    return block;
}

} // namespace

TEST_CASE("imported numbers stand beside the runs of their benchmark, under names of their own") {
    std::vector<std::string> notes;
    const auto all = set_beside({sample::permuted()}, {theirs(), theirs("another")}, notes);
    REQUIRE(all.size() == 2);
    REQUIRE(all[0].imported.size() == 1);
    CHECK(all[0].imported[0].methods == std::vector<std::string>{"er@theirs", "gem@theirs"});
    CHECK(all[1].block.benchmark == "another");
    CHECK(notes.empty());
    const auto board = leaderboard::make_leaderboard(all, {}).boards[0];
    REQUIRE(board.imported.size() == 2);
    CHECK(board.imported[0].label == "er@theirs");
    CHECK(board.imported[0].score.mean == Approx(0.81));
    CHECK(board.imported[1].score.mean == 0.6875); // as reported, which no counts give
    CHECK(board.ranked.size() == 5);
    CHECK(board.seeds == std::vector<std::int32_t>{1, 2, 3, 4, 5}); // theirs are not missing here
}

TEST_CASE("ranked when asked: all in one table, by the seeds' numbers") {
    std::vector<std::string> notes;
    leaderboard::BoardOptions options;
    options.rank_imported = true;
    const auto all = set_beside({sample::permuted()}, {theirs()}, notes);
    const auto board = leaderboard::make_leaderboard(all, options).boards[0];
    CHECK(board.ranked.size() == 7);
    CHECK(board.imported.empty());
    CHECK(board.ranked[0].label == "er@theirs");
    CHECK(board.seeds == std::vector<std::int32_t>{1, 2, 3, 4, 5, 9});
}

TEST_CASE("another scenario or number of tasks stands by itself, and the note says why") {
    std::vector<std::string> notes;
    auto other = theirs();
    other.scenario = "class";
    CHECK(set_beside({sample::permuted()}, {other}, notes).size() == 2);
    CHECK(notes == std::vector<std::string>{"theirs: the imported benchmark \"toy\" is of scenario "
                                            "class, that of the runs of domain; it has a table of "
                                            "its own"});
}

TEST_CASE("imported benchmarks take no part over benchmarks") {
    std::vector<std::string> notes;
    auto second = sample::permuted();
    second.benchmark = "second";
    const auto all = set_beside({sample::permuted(), second}, {theirs("third")}, notes);
    const auto board = leaderboard::make_leaderboard(all, {});
    CHECK(board.boards.size() == 3);
    CHECK(board.overview.benchmarks == std::vector<std::string>{"toy", "second"});
    CHECK(board.overview.rows.size() == 5);
}
