// SPDX-License-Identifier: Apache-2.0
// Writes a results file of a given size: large_results FILE.h5 METHODS SEEDS TASKS... with a
// benchmark for each number of tasks. Scenarios take turns (domain, task, class); where it is
// class, there are 100 classes and their confusion. Numbers look like those of runs: tasks are
// forgotten with time, seeds differ, losses fall.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>

#include <fmt/format.h>
#include <results/results.hpp>

using namespace mneme::results;

namespace {

constexpr std::int32_t examples = 1000; // of each task
constexpr std::size_t points = 50;      // of each task's loss curve

std::vector<std::string> named(const char* pattern, std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 1; i <= count; ++i) out.push_back(fmt::format(fmt::runtime(pattern), i));
    return out;
}

void fill_confusion(Block& block, std::size_t m, std::size_t n, std::size_t t) {
    const std::size_t C = block.confusion.shape.back(), T = block.tasks.size(), own = C / T;
    for (std::size_t k = 0; k < C; ++k)
        for (std::size_t p = 0; p < C; ++p) block.confusion.at({m, n, t, k, p}) = 0;
    for (std::size_t j = 0; j < T; ++j) { // what is wrong is taken for a class of a later task
        std::int32_t right = block.n_correct.at({m, n, t, j}), wrong = examples - right;
        const std::size_t first = j * own;
        block.confusion.at({m, n, t, first, first}) += right;
        for (std::size_t k = 0; wrong > 0; ++k) {
            const std::int32_t some = std::min(wrong, 1 + wrong / 3);
            block.confusion.at({m, n, t, first, (first + 1 + k * 7) % C}) += some;
            wrong -= some;
        }
    }
}

void fill_run(Block& block, std::size_t m, std::size_t n, std::mt19937& random) {
    const std::size_t T = block.tasks.size();
    std::normal_distribution<double> noise(0, 0.02);
    const double keeps = 0.80 + 0.015 * double(m);
    for (std::size_t i = 0; i < T; ++i) {
        for (std::size_t j = 0; j < T; ++j) {
            const double age = i < j ? 0 : double(i - j);
            const double accuracy = i < j ? 0.1 : 0.1 + 0.85 * std::pow(std::min(keeps, 0.99), age);
            block.n_correct.at({m, n, i, j}) =
                std::int32_t(examples * std::clamp(accuracy + noise(random), 0.0, 1.0));
        }
        block.initial_correct.at({m, n, i}) = examples / 10;
        block.train_seconds.at({m, n, i}) = 1 + double(m) + noise(random);
        block.kept_bytes.at({m, n, i}) = m == 0 ? 0 : 1000.0 * double(m * m * (i + 1));
        if (!block.confusion.empty()) fill_confusion(block, m, n, i);
    }
    for (std::size_t k = 0; k < T * points; ++k)
        block.train_loss.at({m, n, k}) =
            0.1 + 2 * std::exp(-double(k % points) / 10) + std::abs(noise(random));
}

Block block_of(std::size_t number, std::size_t methods, std::size_t seeds, std::size_t tasks) {
    static const char* scenarios[] = {"domain", "task", "class"};
    const std::string scenario = scenarios[number % 3];
    std::vector<std::int32_t> numbers(seeds);
    for (std::size_t n = 0; n < seeds; ++n) numbers[n] = std::int32_t(n + 1);
    Block block = Block::blank(named("method-{}", methods), numbers, named("{:02} task", tasks),
                               scenario == "class" ? 100 : 0, tasks * points);
    block.benchmark = fmt::format("stream-{}-{}-{}", number + 1, tasks, scenario);
    block.version = "1", block.digest = std::string(64, 'a'), block.scenario = scenario;
    block.chance_accuracy = 0.1;
    std::fill(block.n_evaluated.data.begin(), block.n_evaluated.data.end(), examples);
    std::fill(block.outcome.data.begin(), block.outcome.data.end(), 0);
    std::fill(block.data_digest.data.begin(), block.data_digest.data.end(), std::string(64, 'b'));
    std::mt19937 random(std::uint32_t(20261128 + number));
    for (std::size_t m = 0; m < methods; ++m) {
        auto& provenance = block.provenance[block.methods[m]];
        provenance["plugin_id"] = block.methods[m];
        provenance["options_toml"] = "lambda = 1\nmemory_per_class = 10\n";
        provenance["train_toml"] = "batch_size = 10\nepochs = 1\nlr = 0.1\nmomentum = 0\n";
        for (std::size_t n = 0; n < seeds; ++n) fill_run(block, m, n, random);
    }
    return block;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 5) return std::fprintf(stderr, "large_results FILE.h5 METHODS SEEDS TASKS...\n"), 64;
    try {
        File file{"Results of a given size", "", {}};
        const auto size = [&](int i) { return std::size_t(std::atoi(argv[i])); };
        for (int i = 4; i < argc; ++i)
            file.blocks.push_back(block_of(std::size_t(i - 4), size(2), size(3), size(i)));
        write(argv[1], file);
        return 0;
    } catch (const std::exception& e) {
        return std::fprintf(stderr, "%s\n", e.what()), 1;
    }
}
