// SPDX-License-Identifier: Apache-2.0
// Straight lines between minima, and how alike the features of their ends are: a drawing for each
// method.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <results/geometry.hpp>

#include "report/benchmark_figures.hpp"
#include "report/geometry_text.hpp"
#include "report/line_chart.hpp"
#include "report/numbers.hpp"

namespace mneme::report {
namespace {

// Mean over seeds and over the tasks that the end of the line has learned, at each point.
std::vector<double> mean_loss(const results::Block& block, const results::Array<double>& loss,
                              std::size_t m, std::size_t pair) {
    const std::size_t learned = tasks_learned(block, block.geometry_pair_to.data[pair]);
    std::vector<double> line;
    for (std::size_t p = 0; p < block.geometry_position.data.size(); ++p) {
        MeanOfKnown mean;
        for (std::size_t n = 0; n < block.seeds.size(); ++n)
            for (std::size_t k = 0; k < learned; ++k) mean.add(loss.at({m, n, pair, p, k}));
        line.push_back(mean.value());
    }
    return line;
}

enum class PairKind { consecutive, to_joint, between_seeds, other };

PairKind kind_of(const results::Block& block, std::size_t pair) {
    const auto from = block.geometry_pair_from.data[pair], to = block.geometry_pair_to.data[pair];
    return to == 0          ? PairKind::to_joint
           : to == from     ? PairKind::between_seeds
           : to == from + 1 ? PairKind::consecutive
                            : PairKind::other;
}

// Consecutive tasks first, then lines to joint, then between seeds, as many as there is room for.
std::vector<std::size_t> pairs_of(const results::Block& block) {
    std::vector<std::size_t> pairs;
    for (const auto kind : {PairKind::consecutive, PairKind::to_joint, PairKind::between_seeds})
        for (std::size_t p = 0; p < block.geometry_pair_from.data.size(); ++p)
            if (kind_of(block, p) == kind && pairs.size() < most_geometry_lines) pairs.push_back(p);
    return pairs;
}

void add_line(LineChart& chart, const results::Block& block, std::size_t pair,
              const std::vector<double>& y) {
    const std::size_t number = chart.lines.size();
    chart.lines.push_back({pair_name(block, pair), fmt::format("s{}", number), number, y, {}});
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
        add_line(chart, block, pair, y);
        shown.insert(shown.end(), y.begin(), y.end());
    }
    chart.y = linear_axis(shown);
    return chart;
}

// Mean over seeds and over the tasks that the end of the line has learned, at each inner point.
std::vector<double> mean_curvature(const results::Block& block, std::size_t m, std::size_t pair) {
    const std::size_t learned = tasks_learned(block, block.geometry_pair_to.data[pair]);
    std::vector<MeanOfKnown> means(block.geometry_position.data.size());
    for (std::size_t n = 0; n < block.seeds.size(); ++n)
        for (std::size_t k = 0; k < learned; ++k) {
            const auto along =
                results::curvature(loss_on_line(block, block.geometry_loss, m, n, pair, k),
                                   block.geometry_distance.at({m, n, pair}));
            for (std::size_t p = 0; p < means.size(); ++p) means[p].add(along[p]);
        }
    std::vector<double> inner;
    for (std::size_t p = 1; p + 1 < means.size(); ++p) inner.push_back(means[p].value());
    return inner;
}

LineChart curvature_chart(const results::Block& block, std::size_t m) {
    LineChart chart;
    chart.counted = false;
    chart.decimals = significant;
    chart.x_axis = "point between minima", chart.y_axis = "curvature (nat)";
    const auto& position = block.geometry_position.data;
    chart.x.assign(position.begin() + 1, position.end() - 1);
    for (double t : chart.x) chart.x_names.push_back(fmt::format("{:.3f}", t));
    std::vector<double> shown{0};
    for (const std::size_t pair : pairs_of(block)) {
        const auto y = mean_curvature(block, m, pair);
        if (std::isnan(y.front())) continue;
        add_line(chart, block, pair, y);
        shown.insert(shown.end(), y.begin(), y.end());
    }
    chart.y = linear_axis(shown);
    return chart;
}

LineChart cka_chart(const results::Block& block, std::size_t m) {
    LineChart chart;
    chart.x_axis = "evaluated task", chart.y_axis = "linear CKA";
    chart.x_names = block.tasks;
    for (std::size_t k = 1; k <= block.tasks.size(); ++k) chart.x.push_back(double(k));
    for (const std::size_t pair : pairs_of(block)) {
        std::vector<double> y;
        for (std::size_t k = 0; k < block.tasks.size(); ++k) {
            MeanOfKnown mean;
            for (std::size_t n = 0; n < block.seeds.size(); ++n)
                mean.add(block.geometry_cka.at({m, n, pair, k}));
            y.push_back(mean.value());
        }
        if (std::any_of(y.begin(), y.end(), [](double x) { return std::isfinite(x); }))
            add_line(chart, block, pair, y);
    }
    chart.y = linear_axis(0, 1);
    return chart;
}

Figure drawn(const LineChart& chart, const results::Block& block, std::size_t m,
             const std::string& what, const std::string& behind = "") {
    Figure figure = line_chart(chart);
    figure.name = safe_name(
        fmt::format("{}-{}-{}-{}{}", block.benchmark, what, m + 1, block.methods[m], behind));
    figure.title = block.methods[m];
    figure.method = block.methods[m];
    return figure;
}

} // namespace

FigureGroup geometry_figures(const results::Block& block) {
    FigureGroup group{"Loss between minima",
                      "On the straight line between the networks after two tasks, and to the "
                      "minimum of all tasks together, or to that of the next seed; mean over seeds "
                      "and over the tasks that the end of the line has learned. Beside each method "
                      "the same after permutation matching.",
                      {},
                      {}};
    struct Way {
        const results::Array<double>* loss;
        const char *file, *title, *words;
    };
    const Way ways[] = {
        {&block.geometry_loss, "", "", ""},
        {&block.geometry_matched_loss, "-matched", ", matched", " after permutation matching"},
        {&block.geometry_l2_loss, "-l2", ", matched by L2", " after matching by L2"},
        {&block.geometry_mid_loss, "-mid", ", matched by Mid", " after matching by Mid"}};
    for (std::size_t m = 0; m < block.methods.size(); ++m)
        for (const Way& way : ways) {
            if (way.loss->empty()) continue;
            const LineChart chart = chart_of(block, *way.loss, m);
            if (chart.lines.empty()) continue;
            Figure figure = drawn(chart, block, m, "lines", way.file);
            figure.title += way.title;
            figure.description = fmt::format("Loss of {} on straight lines between minima{}.",
                                             block.methods[m], way.words);
            group.figures.push_back(std::move(figure));
        }
    return group;
}

FigureGroup curvature_figures(const results::Block& block) {
    FigureGroup group{"Curvature between minima",
                      "The second difference of the losses before matching, by the square of a "
                      "step's length: nat by unit of distance squared, means as above. Above 0 "
                      "the loss curves up, as in a valley, below 0 down, as on top of a barrier.",
                      {},
                      {}};
    if (block.geometry_loss.empty()) return group;
    for (std::size_t m = 0; m < block.methods.size(); ++m) {
        const LineChart chart = curvature_chart(block, m);
        if (chart.lines.empty()) continue;
        Figure figure = drawn(chart, block, m, "curvature");
        figure.description = fmt::format(
            "Curvature of the loss of {} along straight lines between minima.", block.methods[m]);
        group.figures.push_back(std::move(figure));
    }
    return group;
}

FigureGroup cka_figures(const results::Block& block) {
    FigureGroup group{"Similarity of features",
                      "Linear centred kernel alignment of the features of the two networks at the "
                      "ends of a line, on each task's test examples; mean over seeds. 1: one is "
                      "the other turned and multiplied by a number, as where only the order of "
                      "hidden units differs.",
                      {},
                      {}};
    if (block.geometry_cka.empty()) return group;
    for (std::size_t m = 0; m < block.methods.size(); ++m) {
        const LineChart chart = cka_chart(block, m);
        if (chart.lines.empty()) continue;
        Figure figure = drawn(chart, block, m, "cka");
        figure.description = fmt::format(
            "Linear CKA of the features of {} at the ends of lines between minima, by task.",
            block.methods[m]);
        group.figures.push_back(std::move(figure));
    }
    return group;
}

} // namespace mneme::report
