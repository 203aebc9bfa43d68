// SPDX-License-Identifier: Apache-2.0
// What a board says, word for word.
#include "leaderboard/verdict.hpp"

#include <algorithm>
#include <cmath>

#include "catch.hpp"
#include "sample.hpp"

using namespace mneme;
using leaderboard::BoardOptions;
using leaderboard::make_board;
using sample::block_of;
using sample::even;

namespace {

const double none = std::nan("");

std::string verdict(const results::Block& block, const BoardOptions& options = {}) {
    return make_board(block, options).verdict.text();
}

bool has_note(const leaderboard::Board& board, const std::string& note) {
    return std::find(board.notes.begin(), board.notes.end(), note) != board.notes.end();
}

} // namespace

TEST_CASE("a single leader") {
    CHECK(verdict(sample::permuted()) ==
          "Of 10 pairs 10 are told apart. er leads and is told apart from every other method.");
    CHECK(make_board(sample::permuted(), {}).verdict.decided);
}

TEST_CASE("leaders that are not told apart, and how many more seeds would do") {
    BoardOptions strict;
    strict.alpha = 0.01;
    const auto board = make_board(sample::permuted(), strict);
    CHECK_FALSE(board.verdict.decided);
    CHECK(board.verdict.leaders == std::vector<std::string>{"er", "agem"});
    const std::size_t more = board.pairs[0].seeds_needed - 5;
    CHECK(board.verdict.text() ==
          "Of 10 pairs 9 are told apart. er and agem lead and are not told apart by these 5 seeds; "
          "about " +
              std::to_string(more) + " more would do if the difference is what it seems.");
}

TEST_CASE("leaders that are equal within the margin; a difference too small for a thousand seeds") {
    const auto near =
        block_of({even("a", {50.00, 60.10, 70.00, 40.00}), even("b", {50.10, 60.00, 70.10, 39.91})},
                 {1, 2, 3, 4});
    CHECK(verdict(near) ==
          "The one pair is not told apart. b and a lead and are not told apart by "
          "these 4 seeds; they are equal within 1 point.");
    BoardOptions narrow;
    narrow.margin = 0.0001;
    CHECK(verdict(near, narrow) ==
          "The one pair is not told apart. b and a lead and are not told apart by these 4 seeds; "
          "more than 1,000 would be needed if the difference is what it seems.");
}

TEST_CASE("some of the leaders are told apart from one another") {
    const auto board = make_board(
        block_of({even("a", {70.0, 75.0, 71.0, 74.0}), even("b", {69.0, 73.0, 72.2, 72.0}),
                  even("c", {67.9, 72.0, 71.0, 70.9}), even("d", {10.0, 11.1, 10.0, 11.0})},
                 {1, 2, 3, 4}),
        {});
    INFO(board.verdict.text());
    CHECK(board.verdict.text().find("told apart") != std::string::npos);
    CHECK(board.ranked.back().tier != board.ranked.front().tier);
}

TEST_CASE("a baseline") {
    BoardOptions options;
    options.baseline = "mcsgd";
    CHECK(verdict(sample::permuted(), options) ==
          "Of 4 pairs 4 are told apart. Against mcsgd: better er and agem; worse ewc and finetune; "
          "not told apart none.");
}

TEST_CASE("bad input: one seed") {
    CHECK(verdict(block_of({even("a", {70}), even("b", {60})}, {1})) ==
          "One seed: nothing can be told apart; run more seeds (--seeds 5).");
}

TEST_CASE("bad input: two methods make one pair, by the plain paired t test") {
    const auto board =
        make_board(block_of({even("a", {70, 72, 71}), even("b", {60, 61, 63})}, {1, 2, 3}), {});
    CHECK(board.verdict.text() ==
          "The one pair is told apart. a leads and is told apart from "
          "every other method.");
    CHECK(has_note(board, "to the best: paired by seed, with its 95 % interval (paired t)."));
}

TEST_CASE("bad input: one method, none") {
    CHECK(verdict(block_of({even("a", {70, 71})}, {1, 2})) ==
          "Only a is ranked; there is nothing to compare it with.");
    CHECK(verdict(block_of({even("a", {none, none})}, {1, 2})) ==
          "No method is complete, so nothing is ranked.");
}

TEST_CASE("methods that are out for one reason share a note") {
    const auto board = make_board(block_of({even("a", {none, none}), even("b", {70, 71}),
                                            even("c", {none, none}), even("d", {none, none})},
                                           {1, 2}),
                                  {});
    CHECK(has_note(board, "a, c and d: not ranked, 0 of 2 seeds complete (none has run)."));
}

TEST_CASE("bad input: all values are equal") {
    CHECK(verdict(block_of({even("a", {70, 71}), even("b", {70, 71}), even("c", {70, 71})},
                           {1, 2})) == "All methods have the same scores under every common seed.");
}

TEST_CASE("bad input: no difference varies") {
    const auto board = make_board(
        block_of({even("a", {70, 75}), even("b", {60, 65}), even("c", {50, 55})}, {1, 2}), {});
    CHECK(board.verdict.text() ==
          "Of 3 pairs 3 are told apart. a leads and is told apart from every other method.");
    CHECK(has_note(board, "No difference varies from seed to seed: the differences are exact."));
}

TEST_CASE("bad input: a metric that is not defined") {
    auto block = block_of({even("a", {70, 71}), even("b", {60, 61})}, {1, 2});
    block.n_correct.at({0, 1, 0, 1}) = -1; // never evaluated on a task before it is trained
    BoardOptions options;
    options.metric = "forward_transfer";
    const auto board = make_board(block, options);
    CHECK(board.verdict.text() == "Only b is ranked; there is nothing to compare it with.");
    CHECK(has_note(board, "a: not ranked, forward transfer is not defined for seed 2."));
}

TEST_CASE("bad input: disjoint seeds") {
    const auto board = make_board(
        block_of({even("a", {70, 71, none, none}), even("b", {none, none, 60, 61})}, {1, 2, 3, 4}),
        {});
    CHECK(board.verdict.text() ==
          "No two methods share two seeds, so nothing can be told apart; run "
          "them on the same seeds.");
    CHECK(has_note(board, "a and b have no seed in common and cannot be tested."));
    CHECK(has_note(board,
                   "Seeds differ: a score is over the method's own seeds, a difference over "
                   "common ones."));
}

TEST_CASE("a table of planned looks says which it is, its level and the alpha that is used") {
    auto block = sample::permuted(); // five seeds
    block.looks = {5, 10, 20};
    auto board = make_board(block, {});
    CHECK(board.level() == 0.05 / 3);
    CHECK(board.verdict.sentences.front() == "Of 10 pairs 9 are told apart."); // 10 at alpha
    CHECK(board.verdict.sentences.back() ==
          "Not decided at look 1 of 3 (5 seeds), tested at level 0.0167; 0.0167 of alpha 0.05 is "
          "used.");
    CHECK(has_note(board,
                   "to the best: paired by seed, with an interval that holds for all 10 pairs at "
                   "98.3 %. Holm's tests (moderated t) decide; they may tell a pair apart whose "
                   "interval just holds 0."));
    CHECK(board.pairs[0].half > make_board(sample::permuted(), {}).pairs[0].half);

    block.looks = {3, 10};
    board = make_board(block, {});
    CHECK(board.looks.taken == 1);
    CHECK(board.verdict.sentences.back() ==
          "This is not final: look 2 of 2 (10 seeds) is under way.");
    block.looks = {10, 20};
    CHECK(make_board(block, {}).verdict.sentences.back() ==
          "This is not final: look 1 of 2 (10 seeds) is under way.");

    block.looks = {2, 5};
    BoardOptions options;
    options.alpha = 0.2;
    CHECK(make_board(block, options).verdict.sentences.back() ==
          "Decided at look 2 of 2 (5 seeds), tested at level 0.1; 0.2 of alpha 0.2 is used.");
    options.baseline = "er";
    CHECK(make_board(block, options).verdict.sentences.back() ==
          "Seen at look 2 of 2 (5 seeds), tested at level 0.1; 0.2 of alpha 0.2 is used.");
}

TEST_CASE("the heading names what was compared") {
    auto block = sample::permuted();
    CHECK(leaderboard::heading(make_board(block, {})) ==
          "toy (scenario domain, test set; 2 tasks, 5 seeds; chance 0.1000)");
    block.limit_train = 200;
    CHECK(leaderboard::heading(make_board(block, {})) ==
          "toy (scenario domain, test set; 2 tasks, 5 seeds; chance 0.1000; limit 200)");
}

TEST_CASE("a list of names") {
    CHECK(leaderboard::listing({}) == "");
    CHECK(leaderboard::listing({"a"}) == "a");
    CHECK(leaderboard::listing({"a", "b"}) == "a and b");
    CHECK(leaderboard::listing({"a", "b", "c", "d", "e"}) == "a, b, c, d and e");
    CHECK(leaderboard::listing({"a", "b", "c", "d", "e", "f"}) == "a, b, c, d and 2 others");
}
