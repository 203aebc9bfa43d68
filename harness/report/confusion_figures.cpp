// SPDX-License-Identifier: Apache-2.0
// Which classes are taken for which, in scenario class.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <base/text.hpp>

#include "report/benchmark_figures.hpp"
#include "report/matrix_figure.hpp"
#include "report/numbers.hpp"

namespace mneme::report {
namespace {

constexpr std::size_t most_table_classes = 20;

struct Counts { // after the last task, summed over complete seeds
    std::size_t classes = 0;
    std::vector<double> of; // true class x predicted class
    double row(std::size_t k) const {
        return std::accumulate(of.begin() + std::ptrdiff_t(k * classes),
                               of.begin() + std::ptrdiff_t((k + 1) * classes), 0.0);
    }
};

Counts counts_of(const results::Block& block, std::size_t m) {
    Counts counts;
    counts.classes = block.confusion.shape.back();
    counts.of.assign(counts.classes * counts.classes, 0);
    const std::size_t last = block.tasks.size() - 1;
    for (std::size_t s : complete_seeds(block, m))
        for (std::size_t k = 0; k < counts.classes; ++k)
            for (std::size_t p = 0; p < counts.classes; ++p) {
                const std::int32_t count = block.confusion.at({m, s, last, k, p});
                counts.of[k * counts.classes + p] += count < 0 ? std::nan("") : count;
            }
    return counts;
}

// Of many classes: a row a class, with the classes that it was most often taken for.
DataTable short_table(const Counts& counts) {
    DataTable table{{"true class", "examples", "right", "most often taken for"}, {}};
    for (std::size_t k = 0; k < counts.classes; ++k) {
        std::vector<std::size_t> others;
        for (std::size_t p = 0; p < counts.classes; ++p)
            if (p != k && counts.of[k * counts.classes + p] > 0) others.push_back(p);
        const auto more = [&](std::size_t a, std::size_t b) {
            return counts.of[k * counts.classes + a] > counts.of[k * counts.classes + b];
        };
        std::stable_sort(others.begin(), others.end(), more);
        std::vector<std::string> named;
        for (std::size_t i = 0; i < std::min<std::size_t>(3, others.size()); ++i)
            named.push_back(
                fmt::format("{} ({:.0f})", others[i], counts.of[k * counts.classes + others[i]]));
        table.rows.push_back({fmt::format("{}", k), fmt::format("{:.0f}", counts.row(k)),
                              fmt::format("{:.0f}", counts.of[k * counts.classes + k]),
                              base::joined(named)});
    }
    return table;
}

} // namespace

FigureGroup confusion_figures(const results::Block& block) {
    FigureGroup group{"Confusion of classes",
                      "After the last task: the share of each true class (rows) that was taken for "
                      "each class (columns), over complete seeds.",
                      {},
                      {},
                      true};
    if (block.scenario != "class" || block.confusion.empty() || block.tasks.empty()) return group;
    for (std::size_t m = 0; m < block.methods.size(); ++m) {
        if (complete_seeds(block, m).empty()) continue;
        const Counts counts = counts_of(block, m);
        MatrixData data;
        data.rows = data.columns = counts.classes;
        data.first_tick = 0;
        data.row_axis = "true class", data.column_axis = "predicted class";
        for (std::size_t k = 0; k < counts.classes; ++k) {
            data.row_names.push_back(fmt::format("{}", k));
            for (std::size_t p = 0; p < counts.classes; ++p)
                data.values.push_back(counts.of[k * counts.classes + p] / counts.row(k));
        }
        data.column_names = data.row_names;
        Figure figure = matrix_figure(data);
        if (counts.classes > most_table_classes) figure.table = short_table(counts);
        figure.name =
            safe_name(fmt::format("{}-confusion-{}-{}", block.benchmark, m + 1, block.methods[m]));
        figure.title = figure.method = block.methods[m];
        figure.description = fmt::format(
            "Confusion of {} after the last task: rows are true classes, columns predicted ones, "
            "colours shares of the row, over {}.",
            block.methods[m], seeds_in_words(block, m));
        group.figures.push_back(std::move(figure));
    }
    group.legend = colour_bar(0, 1, false, 240);
    return group;
}

} // namespace mneme::report
