// SPDX-License-Identifier: Apache-2.0
#include "report/geometry_text.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <results/geometry.hpp>

#include "report/numbers.hpp"

namespace mneme::report {
namespace {

using results::Block;

std::string words_of(const MeanOfKnown& mean, int decimals) {
    return std::isnan(mean.value()) ? "-" : fmt::format("{:.{}f}", mean.value(), decimals);
}

// Mean over seeds of the largest barrier on a task that the later end has learned.
std::string largest(const Block& block, const results::Array<double>& loss, std::size_t m,
                    std::size_t pair) {
    if (loss.empty()) return "-";
    MeanOfKnown mean;
    for (std::size_t n = 0; n < block.seeds.size(); ++n) {
        double most = std::nan("");
        for (std::size_t k = 0; k < tasks_learned(block, block.geometry_pair_to.data[pair]); ++k)
            most = std::fmax(most, results::barrier(loss_on_line(block, loss, m, n, pair, k),
                                                    results::BarrierOver::line));
        mean.add(most);
    }
    return words_of(mean, 4);
}

// Mean over seeds and over the tasks that the later end has learned.
std::string mean_cka(const Block& block, std::size_t m, std::size_t pair) {
    if (block.geometry_cka.empty()) return "-";
    MeanOfKnown mean;
    for (std::size_t n = 0; n < block.seeds.size(); ++n)
        for (std::size_t k = 0; k < tasks_learned(block, block.geometry_pair_to.data[pair]); ++k)
            mean.add(block.geometry_cka.at({m, n, pair, k}));
    return words_of(mean, 3);
}

double mean_distance(const results::Array<double>& of_pair, std::size_t m, std::size_t pair) {
    MeanOfKnown mean;
    for (std::size_t n = 0; n < of_pair.shape[1]; ++n) mean.add(of_pair.at({m, n, pair}));
    return mean.value();
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

std::size_t tasks_learned(const Block& block, std::int32_t minimum) {
    return minimum == 0 ? block.tasks.size() : static_cast<std::size_t>(minimum);
}

std::string minimum_name(std::int32_t minimum) {
    return minimum == 0 ? "joint" : fmt::format("{}", minimum);
}

std::vector<double> loss_on_line(const Block& block, const results::Array<double>& loss,
                                 std::size_t m, std::size_t n, std::size_t pair, std::size_t task) {
    std::vector<double> line;
    for (std::size_t p = 0; p < block.geometry_position.data.size(); ++p)
        line.push_back(loss.at({m, n, pair, p, task}));
    return line;
}

std::string pair_name(const Block& block, std::size_t pair) {
    const auto from = block.geometry_pair_from.data[pair], to = block.geometry_pair_to.data[pair];
    if (to == from) return fmt::format("task {}, 2 seeds", to);
    return fmt::format("task {} to {}", from, minimum_name(to));
}

std::string geometry_text(const results::File& file, const std::string& method) {
    std::string text;
    for (const Block& block : file.blocks) {
        if (block.geometry_loss.empty()) continue;
        text += fmt::format("{}: barriers between minima, in nats, on {} points\n", block.benchmark,
                            block.geometry_position.data.size());
        const auto more = other_matches(block);
        text += fmt::format("{:<18} {:>9} {:>9}", "line", "barrier", "matched");
        for (const auto& [name, loss] : more) text += fmt::format(" {:>9}", name);
        text += fmt::format(" {:>9} {:>6}\n", "distance", "CKA");
        for (std::size_t m = 0; m < block.methods.size(); ++m) {
            if (!method.empty() && block.methods[m] != method) continue;
            std::string rows;
            for (std::size_t p = 0; p < block.geometry_pair_from.data.size(); ++p) {
                const double far = mean_distance(block.geometry_distance, m, p);
                if (std::isnan(far)) continue;
                rows += fmt::format("  {:<16} {:>9} {:>9}", pair_name(block, p),
                                    largest(block, block.geometry_loss, m, p),
                                    largest(block, block.geometry_matched_loss, m, p));
                for (const auto& [name, loss] : more)
                    rows += fmt::format(" {:>9}", largest(block, *loss, m, p));
                rows += fmt::format(" {:>9.3f} {:>6}\n", far, mean_cka(block, m, p));
            }
            if (!rows.empty()) text += block.methods[m] + "\n" + rows;
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
