// SPDX-License-Identifier: Apache-2.0
// Formulas over losses on straight lines between minima.
#include <results/geometry.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include "inside.hpp"

namespace mneme::results {

double barrier(std::span<const double> loss, BarrierOver over) {
    const std::size_t last = loss.size() - 1;
    double height = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k <= last; ++k) {
        const double t = static_cast<double>(k) / static_cast<double>(last);
        const double ends = over == BarrierOver::line ? (1 - t) * loss[0] + t * loss[last]
                                                      : (loss[0] + loss[last]) / 2;
        if (std::isnan(loss[k]) || std::isnan(ends))
            return std::numeric_limits<double>::quiet_NaN();
        const bool is_end = k == 0 || k == last; // which lies on the line, whatever rounding says
        height = std::max(height, is_end && over == BarrierOver::line ? 0 : loss[k] - ends);
    }
    return height;
}

double barrier_area(std::span<const double> loss) {
    const std::size_t last = loss.size() - 1;
    double area = 0;
    for (std::size_t k = 1; k < last; ++k) {
        const double t = static_cast<double>(k) / static_cast<double>(last);
        area += (loss[k] - ((1 - t) * loss[0] + t * loss[last])) / static_cast<double>(last);
    }
    return area;
}

namespace {

const Axes of_pair{Axis::method, Axis::seed, Axis::pair, Axis::evaluated_task};
using OfLine = double (*)(std::span<const double>);

// [method, seed, pair, task] of [method, seed, pair, point, task].
Array<double> for_lines(const Block& block, const Array<double>& values, OfLine of_line) {
    Array<double> result(shape(block, of_pair), std::numeric_limits<double>::quiet_NaN());
    const std::size_t T = block.tasks.size(), points = values.shape[3];
    std::vector<double> line(points);
    for (std::size_t i = 0; i < result.data.size(); ++i) {
        for (std::size_t p = 0; p < points; ++p)
            line[p] = values.data[(i / T * points + p) * T + i % T];
        result.data[i] = of_line(line);
    }
    return result;
}

void add(std::vector<Derived>& table, const std::string& prefix, const char* loss_path,
         const char* counts_path, Member<double> loss, Member<std::int32_t> counts) {
    const auto entry = [&](const char* name, const char* words, const char* formula,
                           const char* reference, const char* needs, auto value) {
        table.push_back({"geometry/" + prefix + name,
                         of_pair,
                         words,
                         {{"formula", formula},
                          {"reference", reference},
                          {"derived_from", needs},
                          {"missing_means", "the weights of an end were not kept"}},
                         needs,
                         value});
    };
    entry("barrier", "largest loss above the straight line between the ends' losses",
          "max over points t of L(t) - ((1-t) L(0) + t L(1))",
          "Entezari et al. 2022, arXiv 2110.06296", loss_path, [loss](const Block& b) {
              return for_lines(b, b.*loss,
                               [](auto line) { return barrier(line, BarrierOver::line); });
          });
    entry("barrier_from_mean", "largest loss above the mean of the ends' losses",
          "max over points t of L(t) - (L(0) + L(1)) / 2", "Frankle et al. 2020, arXiv 1912.05671",
          loss_path, [loss](const Block& b) {
              return for_lines(b, b.*loss,
                               [](auto line) { return barrier(line, BarrierOver::mean); });
          });
    entry("barrier_area", "area between the losses and the straight line between the ends'",
          "mean over steps of L(t) - ((1-t) L(0) + t L(1))", "the sum of the same differences",
          loss_path, [loss](const Block& b) { return for_lines(b, b.*loss, barrier_area); });
    entry("error_barrier_from_mean", "largest error above the mean of the ends' errors",
          "max over points t of E(t) - (E(0) + E(1)) / 2, E = 1 - n_correct / n_evaluated",
          "Frankle et al. 2020, arXiv 1912.05671", counts_path, [counts](const Block& b) {
              Array<double> error = share(b.*counts, b.geometry_evaluated);
              for (double& e : error.data) e = 1 - e;
              return for_lines(b, error,
                               [](auto line) { return barrier(line, BarrierOver::mean); });
          });
}

} // namespace

std::vector<Derived> geometry_formulas() {
    std::vector<Derived> table;
    add(table, "", "geometry/loss", "geometry/n_correct", &Block::geometry_loss,
        &Block::geometry_correct);
    add(table, "matched_", "geometry/matched_loss", "geometry/matched_n_correct",
        &Block::geometry_matched_loss, &Block::geometry_matched_correct);
    return table;
}

} // namespace mneme::results
