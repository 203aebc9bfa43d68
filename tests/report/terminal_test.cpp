// SPDX-License-Identifier: Apache-2.0
#include <report/terminal.hpp>

#include <catch.hpp>
#include <sample.hpp>

#include <sstream>

using namespace mneme;
using namespace mneme::report;

namespace {

results::Block exact_block() {
    results::Block block = results::test::domain_block({"a"}, {1, 2});
    block.n_evaluated.data = {100, 100, 100};
    for (std::size_t k = 0; k < 9; ++k)
        block.n_correct.data[k] = int(10 * k), block.n_correct.data[9 + k] = int(10 * k) + 2;
    return block;
}

std::size_t widest(const std::string& text) {
    std::istringstream in(text);
    std::size_t most = 0;
    for (std::string line; std::getline(in, line);) {
        std::size_t letters = 0;
        for (char c : line) letters += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        most = std::max(most, letters);
    }
    return most;
}

} // namespace

TEST_CASE("the matrix, word for word") {
    CHECK(show(results::test::file_of({exact_block()}), {}) ==
          "rotated-mini: accuracy\n\n"
          "a, mean over 2 seeds\n"
          "rows: after training the task; columns: evaluated on the task\n"
          "        1       2       3\n"
          "1  0.0100  0.1100  0.2100\n"
          "2  0.3100  0.4100  0.5100\n"
          "3  0.6100  0.7100  0.8100\n"
          "\n"
          "after the last task, on each task\n"
          "        1       2       3\n"
          "a  0.6100  0.7100  0.8100\n");
}

TEST_CASE("one seed, and forgetting") {
    ShowOptions options;
    options.seed = 2;
    options.metric = Shown::forgetting;
    const std::string text = show(results::test::file_of({exact_block()}), options);
    CHECK(text.find("a, seed 2\n") != std::string::npos);
    CHECK(text.find("2 -0.3000       ·       ·\n") != std::string::npos);
    options.seed = 5;
    CHECK(show(results::test::file_of({exact_block()}), options).empty());
}

TEST_CASE("twenty tasks fit 80 columns, and so do a hundred") {
    for (std::size_t tasks : {5, 10, 20, 100}) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < tasks; ++i) names.push_back(std::to_string(i));
        results::Block block =
            results::Block::blank({"a-method-of-a-long-name-and-more"}, {1}, names, 0, 0);
        block.benchmark = "b";
        for (auto& count : block.n_correct.data) count = 50;
        for (auto& count : block.n_evaluated.data) count = 100;
        block.outcome.data = {0};
        const std::string text = show(results::test::file_of({block}), {});
        CHECK(widest(text) <= 80);
        CHECK((text.find("1 of 10 tasks is shown") != std::string::npos) == (tasks == 100));
    }
}

TEST_CASE("colour only where it is asked for") {
    ShowOptions options;
    CHECK(show(results::test::file_of({exact_block()}), options).find('\033') == std::string::npos);
    options.colour = true;
    CHECK(show(results::test::file_of({exact_block()}), options).find("\033[48;5;") !=
          std::string::npos);
}

TEST_CASE("a label cannot command the terminal") {
    results::Block block = results::test::domain_block({"a\033[31m"}, {1});
    CHECK(show(results::test::file_of({block}), {}).find('\033') == std::string::npos);
}
