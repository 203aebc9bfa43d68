// SPDX-License-Identifier: Apache-2.0
// Blocks whose average accuracy is what a test wants.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <results/block.hpp>

namespace sample {

using mneme::results::Block;
using mneme::results::Outcome;

// Two tasks of 10,000 test examples. After the last task: `first` on task 1 and `second` on task 2
// of 100; right after task 1: 90 on task 1.
struct Scores {
    std::string label;
    std::vector<std::pair<double, double>> by_seed; // first, second, in percent; NaN: missing
    std::string flags = "batched";
};

inline Scores even(const std::string& label, const std::vector<double>& percent,
                   const std::string& flags = "batched") {
    Scores out{label, {}, flags};
    for (double value : percent) out.by_seed.emplace_back(value, value);
    return out;
}

inline void set_run(Block& block, std::size_t m, std::size_t s, double first, double second) {
    if (std::isnan(first)) return;
    const auto count = [](double percent) { return std::int32_t(std::lround(percent * 100)); };
    block.n_correct.at({m, s, 0, 0}) = 9000;
    block.n_correct.at({m, s, 0, 1}) = 1000;
    block.n_correct.at({m, s, 1, 0}) = count(first);
    block.n_correct.at({m, s, 1, 1}) = count(second);
    block.initial_correct.at({m, s, 0}) = block.initial_correct.at({m, s, 1}) = 1000;
    block.outcome.at({m, s}) = std::int32_t(Outcome::complete);
    for (std::size_t t : {std::size_t{0}, std::size_t{1}}) {
        block.train_seconds.at({m, s, t}) = 1.0 + double(s);
        block.train_samples.at({m, s, t}) = 500;
        block.kept_bytes.at({m, s, t}) = 1000.0 * double(t + 1) * double(m);
    }
}

inline Block block_of(const std::vector<Scores>& methods, const std::vector<std::int32_t>& seeds,
                      const std::string& benchmark = "toy") {
    std::vector<std::string> labels;
    for (const Scores& m : methods) labels.push_back(m.label);
    Block block = Block::blank(labels, seeds, {"one", "two"}, 0, 0);
    block.benchmark = benchmark;
    block.scenario = "domain";
    block.chance_accuracy = 0.1;
    block.n_evaluated.at({0}) = block.n_evaluated.at({1}) = 10000;
    for (std::size_t m = 0; m < methods.size(); ++m) {
        block.provenance[labels[m]] = {
            {"plugin_id", "p"},
            {"plugin_note", "sdk=1.0\nmethod=p\nflags=" + methods[m].flags + "\n"}};
        for (std::size_t s = 0; s < seeds.size(); ++s)
            set_run(block, m, s, methods[m].by_seed[s].first, methods[m].by_seed[s].second);
    }
    return block;
}

// Five methods under five seeds, as in reference/moderated_permuted.in.csv.
inline Block permuted() {
    return block_of({even("er", {73.43, 76.48, 72.85, 74.59, 74.87}),
                     even("mcsgd", {68.41, 69.24, 69.50, 67.43, 71.40}),
                     even("agem", {73.52, 74.22, 71.61, 71.23, 73.82}),
                     even("ewc", {61.14, 62.24, 59.22, 59.30, 63.05}),
                     even("finetune", {47.50, 45.74, 45.96, 44.81, 49.78})},
                    {1, 2, 3, 4, 5});
}

} // namespace sample
