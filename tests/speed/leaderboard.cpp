// SPDX-License-Identifier: Apache-2.0
// A large leaderboard: 50 methods under 10 seeds on 5 benchmarks of 20 tasks, from the blocks to
// the text of the table.
#include <cmath>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "leaderboard/print.hpp"

using namespace mneme;

namespace {

constexpr std::size_t methods = 50, seeds = 10, tasks = 20, benchmarks = 5;
constexpr double most_seconds = 1;

results::Block block_of(std::size_t number, std::mt19937& random) {
    std::vector<std::string> labels, names;
    std::vector<std::int32_t> numbers;
    for (std::size_t m = 0; m < methods; ++m) labels.push_back("method-" + std::to_string(m));
    for (std::size_t s = 0; s < seeds; ++s) numbers.push_back(std::int32_t(s + 1));
    for (std::size_t t = 0; t < tasks; ++t) names.push_back("task " + std::to_string(t));
    auto block = results::Block::blank(labels, numbers, names, 0, 0);
    block.benchmark = "benchmark-" + std::to_string(number);
    block.scenario = "domain";
    std::fill(block.n_evaluated.data.begin(), block.n_evaluated.data.end(), 10000);
    std::normal_distribution<double> noise(0, 150);
    for (std::size_t m = 0; m < methods; ++m)
        for (std::size_t s = 0; s < seeds; ++s) {
            block.outcome.at({m, s}) = std::int32_t(results::Outcome::complete);
            const double level = 5000 + 40 * double(m) + noise(random);
            for (std::size_t i = 0; i < tasks; ++i)
                for (std::size_t j = 0; j < tasks; ++j)
                    block.n_correct.at({m, s, i, j}) =
                        std::int32_t(std::lround(level + noise(random)));
        }
    std::fill(block.initial_correct.data.begin(), block.initial_correct.data.end(), 1000);
    return block;
}

} // namespace

int main() {
    std::mt19937 random(1);
    std::vector<results::Block> blocks;
    for (std::size_t b = 0; b < benchmarks; ++b) blocks.push_back(block_of(b, random));
    const std::clock_t start = std::clock();
    const auto board = leaderboard::make_leaderboard(blocks, {});
    const std::clock_t computed = std::clock();
    const std::string text = print(board, leaderboard::Format::table);
    const double statistics = double(computed - start) / CLOCKS_PER_SEC,
                 all = double(std::clock() - start) / CLOCKS_PER_SEC;
    const bool ok = !text.empty();
    std::printf(
        "%sok leaderboard of %zu methods, %zu seeds, %zu tasks, %zu benchmarks: %.3f s of "
        "processor time (statistics %.3f s; at most %.0f s asked%s)\n",
        ok ? "" : "not ", methods, seeds, tasks, benchmarks, all, statistics, most_seconds,
        all < most_seconds ? "" : ": missed");
    return ok ? 0 : 1;
}
