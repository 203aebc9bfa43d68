// SPDX-License-Identifier: Apache-2.0
// Planes through three minima: a drawing for each method and plane, all in one scale of colours.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/axis.hpp"
#include "report/benchmark_figures.hpp"
#include "report/geometry_text.hpp"
#include "report/matrix_figure.hpp"
#include "report/numbers.hpp"

namespace mneme::report {
namespace {

using results::Block;

// Mean over seeds and over the tasks that the third minimum has learned, row after row.
std::vector<double> mean_loss(const Block& block, std::size_t m, std::size_t plane) {
    const std::size_t learned = tasks_learned(block, block.geometry_plane_third.data[plane]);
    const std::size_t side = block.geometry_plane_position.data.size();
    std::vector<double> means;
    for (std::size_t v = 0; v < side; ++v)
        for (std::size_t u = 0; u < side; ++u) {
            MeanOfKnown mean;
            for (std::size_t n = 0; n < block.seeds.size(); ++n)
                for (std::size_t k = 0; k < learned; ++k)
                    mean.add(block.geometry_plane_loss.at({m, n, plane, v, u, k}));
            means.push_back(mean.value());
        }
    return means;
}

// The losses between the three minima: outside, they may be of any size.
std::vector<double> between(const Block& block, const std::vector<double>& loss) {
    const auto& position = block.geometry_plane_position.data;
    std::vector<double> found;
    for (std::size_t v = 0; v < position.size(); ++v)
        for (std::size_t u = 0; u < position.size(); ++u)
            if (const double x = loss[v * position.size() + u];
                position[u] >= 0 && position[v] >= 0 && position[u] + position[v] <= 1 &&
                !std::isnan(x))
                found.push_back(x);
    return found;
}

// v grows upwards, so the last row is the first of the matrix.
MatrixData matrix_of(const Block& block, std::size_t plane, const std::vector<double>& loss,
                     const FigureGroup& scale) {
    const auto& position = block.geometry_plane_position.data;
    const std::size_t side = position.size();
    const auto column_of = [&](double at) { // the middle of the cell of a place
        return (at - position.front()) / (position.back() - position.front()) * double(side - 1) +
               0.5;
    };
    const auto row_of = [&](double at) { return double(side) - column_of(at); };
    MatrixData data;
    data.rows = data.columns = side;
    data.low = scale.low, data.high = scale.high, data.light_is_low = true;
    data.row_axis = "v", data.column_axis = "u";
    for (std::size_t k = 0; k < side; ++k) {
        const auto row = loss.begin() + static_cast<std::ptrdiff_t>((side - 1 - k) * side);
        data.values.insert(data.values.end(), row, row + static_cast<std::ptrdiff_t>(side));
        data.row_names.push_back(fmt::format("{:.3f}", position[side - 1 - k]));
        data.column_names.push_back(fmt::format("{:.3f}", position[k]));
    }
    for (const double at : {0.0, 0.5, 1.0}) {
        data.row_ticks.push_back({row_of(at), 0, fmt::format("{}", at)});
        data.column_ticks.push_back({0, column_of(at), fmt::format("{}", at)});
    }
    data.marks = {{row_of(0), column_of(0), minimum_name(block.geometry_plane_first.data[plane])},
                  {row_of(0), column_of(1), minimum_name(block.geometry_plane_second.data[plane])},
                  {row_of(1), column_of(0), minimum_name(block.geometry_plane_third.data[plane])}};
    return data;
}

Figure plane_figure(const Block& block, std::size_t m, std::size_t plane,
                    const std::vector<double>& loss, const FigureGroup& scale) {
    Figure figure = matrix_figure(matrix_of(block, plane, loss, scale));
    figure.name = safe_name(
        fmt::format("{}-plane-{}-{}-{}", block.benchmark, plane + 1, m + 1, block.methods[m]));
    const auto third = block.geometry_plane_third.data[plane];
    const std::string corners =
        fmt::format("{}, {}, {}", block.geometry_plane_first.data[plane],
                    block.geometry_plane_second.data[plane], minimum_name(third));
    figure.title = fmt::format("{}: {}", block.methods[m], corners);
    figure.description = fmt::format(
        "Loss of {} on the plane through its minima after tasks {} and {} and {}.",
        block.methods[m], block.geometry_plane_first.data[plane],
        block.geometry_plane_second.data[plane],
        third == 0 ? "the minimum of all tasks together" : fmt::format("after task {}", third));
    figure.method = block.methods[m];
    return figure;
}

} // namespace

FigureGroup plane_figures(const Block& block) {
    FigureGroup group{
        "Planes through three minima",
        "Loss at a + u (b - a) + v (c - a): the minimum a at u = v = 0, b at u = 1, "
        "c at v = 1, by name in the drawings. u and v are not lengths, and their "
        "directions not at right angles. Mean over seeds and over the tasks that c "
        "has learned, in nat; colours go from the smallest to the largest loss within "
        "the triangles of the three, and no further.",
        {},
        {}};
    group.side_by_side = true;
    struct Drawn {
        std::size_t m, plane;
        std::vector<double> loss;
    };
    std::vector<Drawn> all;
    std::vector<double> shown;
    for (std::size_t m = 0; m < block.methods.size(); ++m)
        for (std::size_t v = 0; v < block.geometry_plane_first.data.size(); ++v) {
            auto loss = mean_loss(block, m, v);
            const auto inner = between(block, loss);
            shown.insert(shown.end(), inner.begin(), inner.end());
            if (!inner.empty()) all.push_back({m, v, std::move(loss)});
        }
    if (all.empty()) return group;
    const Axis axis = linear_axis(shown);
    group.low = axis.low, group.high = axis.high;
    for (const auto& one : all)
        group.figures.push_back(plane_figure(block, one.m, one.plane, one.loss, group));
    group.legend = colour_bar(group.low, group.high, true, 240);
    return group;
}

} // namespace mneme::report
