// SPDX-License-Identifier: Apache-2.0
#include "report/geometry_text.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <results/geometry.hpp>

namespace mneme::report {
namespace {

using results::Block;

std::vector<double> line_of(const Block& block, const results::Array<double>& loss, std::size_t m,
                            std::size_t n, std::size_t pair, std::size_t task) {
    std::vector<double> line;
    for (std::size_t p = 0; p < block.geometry_position.data.size(); ++p)
        line.push_back(loss.at({m, n, pair, p, task}));
    return line;
}

// Mean over seeds of the largest barrier on a task that the later end has learned.
std::string largest(const Block& block, const results::Array<double>& loss, std::size_t m,
                    std::size_t pair) {
    if (loss.empty()) return "-";
    double sum = 0;
    int seeds = 0;
    for (std::size_t n = 0; n < block.seeds.size(); ++n) {
        double most = std::nan("");
        for (std::size_t k = 0; k < tasks_known(block, pair); ++k)
            most = std::fmax(most, results::barrier(line_of(block, loss, m, n, pair, k),
                                                    results::BarrierOver::line));
        if (std::isnan(most)) continue;
        sum += most, ++seeds;
    }
    return seeds == 0 ? "-" : fmt::format("{:.4f}", sum / seeds);
}

// Mean over seeds and over the tasks that the later end has learned.
std::string mean_cka(const Block& block, std::size_t m, std::size_t pair) {
    if (block.geometry_cka.empty()) return "-";
    double sum = 0;
    int terms = 0;
    for (std::size_t n = 0; n < block.seeds.size(); ++n)
        for (std::size_t k = 0; k < tasks_known(block, pair); ++k)
            if (const double x = block.geometry_cka.at({m, n, pair, k}); !std::isnan(x))
                sum += x, ++terms;
    return terms == 0 ? "-" : fmt::format("{:.3f}", sum / terms);
}

double mean_distance(const results::Array<double>& of_pair, std::size_t m, std::size_t pair) {
    double sum = 0;
    int seeds = 0;
    for (std::size_t n = 0; n < of_pair.shape[1]; ++n)
        if (const double d = of_pair.at({m, n, pair}); !std::isnan(d)) sum += d, ++seeds;
    return seeds == 0 ? std::nan("") : sum / seeds;
}

using NamedLoss = std::pair<const char*, const results::Array<double>*>;

// Beside weight matching, those that the file has.
std::vector<NamedLoss> other_matches(const Block& block) {
    std::vector<NamedLoss> ways;
    if (!block.geometry_l2_loss.empty()) ways.emplace_back("L2", &block.geometry_l2_loss);
    if (!block.geometry_mid_loss.empty()) ways.emplace_back("Mid", &block.geometry_mid_loss);
    return ways;
}

} // namespace

std::size_t tasks_known(const Block& block, std::size_t pair) {
    const auto to = block.geometry_pair_to.data[pair];
    return to == 0 ? block.tasks.size() : static_cast<std::size_t>(to);
}

std::string pair_name(const Block& block, std::size_t pair) {
    const auto from = block.geometry_pair_from.data[pair], to = block.geometry_pair_to.data[pair];
    if (to == from) return fmt::format("task {}, 2 seeds", to);
    return fmt::format("task {} to {}", from, to == 0 ? "joint" : std::to_string(to));
}

std::string geometry_text(const results::File& file, const std::string& method) {
    std::string text;
    for (const Block& block : file.blocks) {
        if (block.geometry_loss.empty()) continue;
        text += fmt::format("{}: barriers between minima, in nats, on {} points\n", block.benchmark,
                            block.geometry_position.data.size());
        const auto more = other_matches(block);
        text += fmt::format("{:<24} {:<18} {:>9} {:>9}", "method", "line", "barrier", "matched");
        for (const auto& [name, loss] : more) text += fmt::format(" {:>9}", name);
        text += fmt::format(" {:>9} {:>6}\n", "distance", "CKA");
        for (std::size_t m = 0; m < block.methods.size(); ++m) {
            if (!method.empty() && block.methods[m] != method) continue;
            for (std::size_t p = 0; p < block.geometry_pair_from.data.size(); ++p) {
                const double far = mean_distance(block.geometry_distance, m, p);
                if (std::isnan(far)) continue;
                text += fmt::format("{:<24} {:<18} {:>9} {:>9}", block.methods[m],
                                    pair_name(block, p), largest(block, block.geometry_loss, m, p),
                                    largest(block, block.geometry_matched_loss, m, p));
                for (const auto& [name, loss] : more)
                    text += fmt::format(" {:>9}", largest(block, *loss, m, p));
                text += fmt::format(" {:>9.3f} {:>6}\n", far, mean_cka(block, m, p));
            }
        }
    }
    return text.empty() ? text
                        : text +
                              "The largest barrier over the tasks that the end of the line has "
                              "learned, mean over\nseeds: above the straight line between the "
                              "ends' losses. CKA: how alike the ends'\nfeatures are, 1 at most, "
                              "mean over the same.\n";
}

} // namespace mneme::report
