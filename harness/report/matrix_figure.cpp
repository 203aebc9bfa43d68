// SPDX-License-Identifier: Apache-2.0
#include "report/matrix_figure.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "report/axis.hpp"

namespace mneme::report {
namespace {

constexpr double side = 176; // of the square that the cells fill
constexpr double left = 40, top = 8, below = 36, beside = 6;

double share_of(const MatrixData& m, double value) {
    const double share = (value - m.low) / (m.high - m.low);
    return m.light_is_low ? 1 - share : share;
}

// Neighbours of one colour are one rectangle, all rectangles of a colour one path: 40 matrices of
// 20 x 20 take 113 KiB so, and 1.5 MiB as single rectangles.
Markup cells(const MatrixData& m) {
    std::map<std::size_t, std::string> paths;
    for (std::size_t r = 0; r < m.rows; ++r)
        for (std::size_t c = 0, end = 0; c < m.columns; c = end) {
            const auto step = [&](std::size_t column) {
                const double value = m.values[r * m.columns + column];
                return std::isnan(value) ? scale_steps : scale_step(share_of(m, value));
            };
            end = c + 1;
            while (end < m.columns && step(end) == step(c)) ++end;
            if (step(c) < scale_steps)
                paths[step(c)] += fmt::format("M{} {}h{}v1h-{}z", c, r, end - c, end - c);
        }
    Markup out;
    out.open("g", {{"class", "cells"},
                   {"shape-rendering", "crispEdges"},
                   {"transform", fmt::format("translate({} {}) scale({} {})", left, top,
                                             coordinate(side / double(m.columns)),
                                             coordinate(side / double(m.rows)))}});
    for (const auto& [step, path] : paths)
        out.empty("path", {{"fill", scale_colour(step).hex()}, {"d", path}});
    return out.close();
}

// "0.84" as ".84": few fit a cell.
std::string short_text(double value) {
    std::string text = fmt::format("{:.2f}", std::abs(value) < 0.005 ? 0.0 : value);
    const std::size_t zero = text.find("0.");
    if (zero == 0 || (zero == 1 && text[0] == '-')) text.erase(zero, 1);
    return text == ".00" ? "0" : text;
}

Markup cell_texts(const MatrixData& m) {
    Markup out;
    if (m.columns > 6 || !m.marks.empty()) return out; // they would not be readable
    const double wide = side / double(m.columns), high = side / double(m.rows);
    out.open("g", {{"class", "values"}, {"text-anchor", "middle"}, {"font-size", "11"}});
    for (std::size_t r = 0; r < m.rows; ++r)
        for (std::size_t c = 0; c < m.columns; ++c)
            if (const double value = m.values[r * m.columns + c]; !std::isnan(value)) {
                const Colour back = scale_colour(scale_step(share_of(m, value)));
                out.element("text", short_text(value),
                            {{"x", coordinate(left + (double(c) + 0.5) * wide)},
                             {"y", coordinate(top + (double(r) + 0.5) * high + 4)},
                             {"style", "fill:" + ink_on(back).hex()}});
            }
    return out.close();
}

std::vector<MatrixMark> numbered(std::size_t count, std::size_t first) {
    std::vector<MatrixMark> ticks;
    for (std::size_t tick : counted_ticks(count, 10))
        ticks.push_back(
            {double(tick) - 0.5, double(tick) - 0.5, fmt::format("{}", tick - 1 + first)});
    return ticks;
}

Markup labels(const MatrixData& m) {
    Markup out;
    out.open("g", {{"class", "soft"}, {"text-anchor", "end"}});
    for (const auto& tick : m.row_ticks.empty() ? numbered(m.rows, m.first_tick) : m.row_ticks)
        out.element("text", tick.text,
                    {{"x", coordinate(left - 5)},
                     {"y", coordinate(top + tick.row * side / double(m.rows) + 4)},
                     {"class", "soft"}});
    out.close().open("g", {{"text-anchor", "middle"}});
    for (const auto& tick :
         m.column_ticks.empty() ? numbered(m.columns, m.first_tick) : m.column_ticks)
        out.element("text", tick.text,
                    {{"x", coordinate(left + tick.column * side / double(m.columns))},
                     {"y", coordinate(top + side + 14)},
                     {"class", "soft"}});
    out.element("text", m.column_axis,
                {{"x", coordinate(left + side / 2)}, {"y", coordinate(top + side + 30)}});
    out.element("text", m.row_axis,
                {{"transform", fmt::format("translate(12 {}) rotate(-90)", top + side / 2)}});
    return out.close();
}

// Each in the ink that its cell wants.
Markup marks(const MatrixData& m) {
    Markup out;
    if (m.marks.empty()) return out;
    const auto cell = [](double at, std::size_t count) {
        return std::min(count - 1, std::size_t(std::max(0.0, at)));
    };
    out.open("g", {{"class", "values"}, {"text-anchor", "middle"}, {"font-size", "11"}});
    for (const auto& mark : m.marks) {
        const double value =
            m.values[cell(mark.row, m.rows) * m.columns + cell(mark.column, m.columns)];
        if (std::isnan(value)) continue;
        const Colour back = scale_colour(scale_step(share_of(m, value)));
        out.element("text", mark.text,
                    {{"x", coordinate(left + mark.column * side / double(m.columns))},
                     {"y", coordinate(top + mark.row * side / double(m.rows) + 4)},
                     {"style", "fill:" + ink_on(back).hex()}});
    }
    return out.close();
}

DataTable table_of(const MatrixData& m) {
    DataTable table;
    table.columns.push_back(m.row_axis + " \\ " + m.column_axis);
    table.columns.insert(table.columns.end(), m.column_names.begin(), m.column_names.end());
    for (std::size_t r = 0; r < m.rows; ++r) {
        table.rows.push_back({m.row_names[r]});
        for (std::size_t c = 0; c < m.columns; ++c) {
            const double value = m.values[r * m.columns + c];
            table.rows.back().push_back(std::isnan(value) ? "" : fmt::format("{:.4f}", value));
        }
    }
    return table;
}

} // namespace

Figure matrix_figure(const MatrixData& m) {
    Figure figure;
    figure.kind = Figure::Kind::matrix;
    figure.width = left + side + beside, figure.height = top + side + below;
    figure.left = left, figure.top = top;
    figure.right = left + side, figure.bottom = top + side;
    figure.drawing.add(cells(m));
    figure.drawing.empty("rect", {{"class", "frame"},
                                  {"x", coordinate(left)},
                                  {"y", coordinate(top)},
                                  {"width", coordinate(side)},
                                  {"height", coordinate(side)}});
    figure.drawing.add(cell_texts(m)).add(labels(m)).add(marks(m));
    figure.table = table_of(m);
    figure.legend.open("g", {{"transform", "translate(10 8)"}})
        .add(colour_bar(m.low, m.high, m.light_is_low, 100))
        .close();
    figure.legend_width = 120;
    return figure;
}

Markup colour_bar(double low, double high, bool light_is_low, double width) {
    Markup out;
    constexpr std::size_t steps = 32;
    out.open("g", {{"shape-rendering", "crispEdges"}});
    for (std::size_t i = 0; i < steps; ++i) {
        const double share = (double(i) + 0.5) / steps;
        out.empty("rect",
                  {{"x", coordinate(width * double(i) / steps)},
                   {"y", "0"},
                   {"width", coordinate(width / steps + 0.5)},
                   {"height", "12"},
                   {"fill", scale_colour(scale_step(light_is_low ? 1 - share : share)).hex()}});
    }
    out.close();
    const Axis axis{low, high, false, {}};
    for (double share : {0.0, 0.5, 1.0})
        out.element("text", axis.text(low + share * (high - low)),
                    {{"x", coordinate(width * share)},
                     {"y", "26"},
                     {"class", "soft small"},
                     {"text-anchor", share == 0   ? "start"
                                     : share == 1 ? "end"
                                                  : "middle"}});
    return out;
}

} // namespace mneme::report
