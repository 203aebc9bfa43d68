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

std::vector<double> curvature(std::span<const double> loss, double distance) {
    std::vector<double> along(loss.size(), std::numeric_limits<double>::quiet_NaN());
    const double step = distance / static_cast<double>(loss.size() - 1);
    for (std::size_t k = 1; step > 0 && k + 1 < loss.size(); ++k)
        along[k] = (loss[k + 1] - 2 * loss[k] + loss[k - 1]) / (step * step);
    return along;
}

namespace {

const Axes of_line{Axis::method, Axis::seed, Axis::pair, Axis::line_point, Axis::evaluated_task};
const Axes of_plane{Axis::method,    Axis::seed,         Axis::plane,
                    Axis::plane_row, Axis::plane_column, Axis::evaluated_task};
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

Array<double> curvatures(const Array<double>& loss, const Array<double>& distance) {
    Array<double> result(loss.shape, 0);
    const std::size_t points = loss.shape[3], T = loss.shape[4];
    std::vector<double> line(points);
    for (std::size_t i = 0; i < distance.data.size() * T; ++i) { // a line on a task
        const auto at = [&](std::size_t p) { return (i / T * points + p) * T + i % T; };
        for (std::size_t p = 0; p < points; ++p) line[p] = loss.data[at(p)];
        const auto found = curvature(line, distance.data[i / T]);
        for (std::size_t p = 0; p < points; ++p) result.data[at(p)] = found[p];
    }
    return result;
}

void add(std::vector<Derived>& table, const std::string& prefix, const char* loss_path,
         const char* counts_path, Member<double> loss, Member<std::int32_t> counts,
         Member<double> distance) {
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
    table.push_back(
        {"geometry/" + prefix + "curvature",
         of_line,
         "second difference of the losses along the line by the square of a step",
         {{"formula", "(L[p+1] - 2 L[p] + L[p-1]) / (h h), h = distance / (points - 1)"},
          {"derived_from", "geometry/" + prefix + "loss, geometry/" + prefix + "distance"},
          {"missing_means",
           "an end of the line, ends that are one network, or the weights of an "
           "end were not kept"}},
         loss_path,
         [loss, distance](const Block& b) { return curvatures(b.*loss, b.*distance); },
         // Lines of schema 1.2 have none.
         [distance](const Block& b) { return !(b.*distance).empty(); }});
}

} // namespace

std::vector<Derived> geometry_formulas() {
    std::vector<Derived> table;
    add(table, "", "geometry/loss", "geometry/n_correct", &Block::geometry_loss,
        &Block::geometry_correct, &Block::geometry_distance);
    add(table, "matched_", "geometry/matched_loss", "geometry/matched_n_correct",
        &Block::geometry_matched_loss, &Block::geometry_matched_correct,
        &Block::geometry_matched_distance);
    add(table, "l2_", "geometry/l2_loss", "geometry/l2_n_correct", &Block::geometry_l2_loss,
        &Block::geometry_l2_correct, &Block::geometry_l2_distance);
    add(table, "mid_", "geometry/mid_loss", "geometry/mid_n_correct", &Block::geometry_mid_loss,
        &Block::geometry_mid_correct, &Block::geometry_mid_distance);
    table.push_back(
        {"geometry/plane_accuracy",
         of_plane,
         "share answered correctly on the plane",
         {{"formula", "plane_n_correct / n_evaluated"},
          {"derived_from", "geometry/plane_n_correct, geometry/n_evaluated"},
          {"missing_means", "the weights of a corner were not kept"}},
         "geometry/plane_n_correct",
         [](const Block& b) { return share(b.geometry_plane_correct, b.geometry_evaluated); }});
    return table;
}

} // namespace mneme::results
