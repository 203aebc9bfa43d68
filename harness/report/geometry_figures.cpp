// SPDX-License-Identifier: Apache-2.0
// Losses on straight lines between minima: a drawing for each method, before and after matching.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/benchmark_figures.hpp"
#include "report/geometry_text.hpp"
#include "report/line_chart.hpp"

namespace mneme::report {
namespace {

// Mean over seeds and over the tasks that the end of the line has learned, at each point.
std::vector<double> mean_loss(const results::Block& block, const results::Array<double>& loss,
                              std::size_t m, std::size_t pair) {
    const auto to = block.geometry_pair_to.data[pair];
    const std::size_t known = to == 0 ? block.tasks.size() : static_cast<std::size_t>(to);
    std::vector<double> line;
    for (std::size_t p = 0; p < block.geometry_position.data.size(); ++p) {
        double sum = 0;
        std::size_t terms = 0;
        for (std::size_t n = 0; n < block.seeds.size(); ++n)
            for (std::size_t k = 0; k < known; ++k)
                if (const double x = loss.at({m, n, pair, p, k}); !std::isnan(x)) sum += x, ++terms;
        line.push_back(terms == 0 ? std::nan("") : sum / static_cast<double>(terms));
    }
    return line;
}

// Consecutive tasks first, then lines to joint, as many as there is room for.
std::vector<std::size_t> pairs_of(const results::Block& block) {
    std::vector<std::size_t> pairs;
    for (const bool to_joint : {false, true})
        for (std::size_t p = 0; p < block.geometry_pair_from.data.size(); ++p) {
            const auto from = block.geometry_pair_from.data[p], to = block.geometry_pair_to.data[p];
            if ((to_joint ? to == 0 : to == from + 1) && pairs.size() < most_geometry_lines)
                pairs.push_back(p);
        }
    return pairs;
}

LineChart chart_of(const results::Block& block, const results::Array<double>& loss, std::size_t m) {
    LineChart chart;
    chart.counted = false; // large enough for the names of the lines
    chart.x_axis = "place on the line", chart.y_axis = "loss (nat)";
    chart.x = block.geometry_position.data;
    for (double t : chart.x) chart.x_names.push_back(fmt::format("{:.3f}", t));
    std::vector<double> shown{0};
    for (const std::size_t pair : pairs_of(block)) {
        const auto y = mean_loss(block, loss, m, pair);
        if (std::isnan(y.front())) continue;
        chart.lines.push_back({pair_name(block, pair),
                               fmt::format("s{}", chart.lines.size()),
                               chart.lines.size(),
                               y,
                               {}});
        shown.insert(shown.end(), y.begin(), y.end());
    }
    chart.y = linear_axis(shown);
    return chart;
}

} // namespace

FigureGroup geometry_figures(const results::Block& block) {
    FigureGroup group{"Loss between minima",
                      "On the straight line between the networks after two tasks, and to the "
                      "minimum of all tasks together; mean over seeds and over the tasks that the "
                      "end of the line has learned. Beside each method the same after permutation "
                      "matching.",
                      {},
                      {}};
    for (std::size_t m = 0; m < block.methods.size(); ++m)
        for (const auto* loss : {&block.geometry_loss, &block.geometry_matched_loss}) {
            if (loss->empty()) continue;
            const bool matched = loss != &block.geometry_loss;
            const LineChart chart = chart_of(block, *loss, m);
            if (chart.lines.empty()) continue;
            Figure figure = line_chart(chart);
            figure.name = safe_name(fmt::format("{}-lines-{}-{}{}", block.benchmark, m + 1,
                                                block.methods[m], matched ? "-matched" : ""));
            figure.title = block.methods[m] + (matched ? ", matched" : "");
            figure.description =
                fmt::format("Loss of {} on straight lines between minima{}.", block.methods[m],
                            matched ? " after permutation matching" : "");
            figure.method = block.methods[m];
            group.figures.push_back(std::move(figure));
        }
    return group;
}

} // namespace mneme::report
