// SPDX-License-Identifier: Apache-2.0
#include "report/scatter.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/line_chart.hpp"

namespace mneme::report {
namespace {

constexpr double left = 46, top = 10, right = 376, bottom = 240, zero = 62;
constexpr double letter = 6.6, line = 13;

struct Box {
    double x, y, width; // `y` is the middle; as high as a line
    bool meets(const Box& other) const {
        return x < other.x + other.width && other.x < x + width && std::abs(y - other.y) < line;
    }
};

struct Place {
    double x, y;
};

struct Frame {
    Axis x, y;
    bool has_zero = false;
    Place at(const Point& point) const {
        const double from = has_zero ? zero + 24 : left;
        return {point.x > 0 ? from + (right - from) * x.at(point.x) : zero,
                bottom - (bottom - top) * y.at(point.y)};
    }
};

bool can_be_drawn(const Point& point) {
    return std::isfinite(point.x) && point.x >= 0 && std::isfinite(point.y);
}

// Beside its point, or as near to it as there is room.
Box label_box(const Place& at, double width, const std::vector<Box>& taken) {
    for (double far = 0; far < 150; far += line / 2)
        for (double side : {1.0, -1.0})
            for (double up : {-1.0, 1.0}) {
                const Box box{side > 0 ? at.x + 8 : at.x - 8 - width, at.y + up * far, width};
                const bool inside =
                    box.x > left && box.x + width < right + 60 && box.y > top && box.y < bottom - 6;
                if (inside && std::none_of(taken.begin(), taken.end(),
                                           [&](const Box& other) { return box.meets(other); }))
                    return box;
            }
    return {at.x + 8, at.y, width};
}

void draw_axes(Markup& out, const Frame& frame, const Scatter& chart) {
    std::string grid;
    for (double tick : frame.y.ticks)
        grid += fmt::format("M{} {}H{}", left,
                            coordinate(bottom - (bottom - top) * frame.y.at(tick)), right);
    out.open("g", {{"text-anchor", "middle"}});
    const auto tick_text = [&](double x, const std::string& text) {
        grid += fmt::format("M{} {}V{}", coordinate(x), top, bottom);
        out.element("text", text,
                    {{"class", "soft"}, {"x", coordinate(x)}, {"y", coordinate(bottom + 16)}});
    };
    if (frame.has_zero) tick_text(zero, "0");
    for (double tick : frame.x.ticks)
        tick_text(frame.at({"", "", 0, tick, frame.y.low, 0}).x, frame.x.text(tick));
    out.empty("path", {{"class", "grid"}, {"d", grid}});
    out.element("text", chart.x_axis + " (logarithmic)",
                {{"x", coordinate((left + right) / 2)}, {"y", coordinate(bottom + 33)}});
    out.element("text", chart.y_axis,
                {{"transform",
                  fmt::format("translate(12 {}) rotate(-90)", coordinate((top + bottom) / 2))}});
    out.close().open("g", {{"text-anchor", "end"}});
    for (double tick : frame.y.ticks)
        out.element("text", frame.y.text(tick),
                    {{"class", "soft"},
                     {"x", coordinate(left - 6)},
                     {"y", coordinate(bottom - (bottom - top) * frame.y.at(tick) + 4)}});
    out.close();
}

void draw_point(Markup& out, const Frame& frame, const Point& point, std::vector<Box>& taken) {
    const Place at = frame.at(point);
    out.open("g", {{"data-method", point.label}});
    if (std::isfinite(point.half) && point.half > 0) {
        const auto y = [&](double value) {
            const double inside = std::clamp(value, frame.y.low, frame.y.high);
            return coordinate(bottom - (bottom - top) * frame.y.at(inside));
        };
        out.empty("path", {{"class", "line " + point.style},
                           {"stroke-width", "1"},
                           {"d", fmt::format("M{} {}V{}", coordinate(at.x), y(point.y - point.half),
                                             y(point.y + point.half))}});
    }
    draw_marker(out, at.x, at.y, point.pattern, point.style);
    const std::string label = cut_label(point.label, 24);
    const Box box = label_box(at, letter * double(label.size()), taken);
    taken.push_back(box);
    if (std::abs(box.y - at.y) > line)
        out.empty("path", {{"class", "grid"},
                           {"d", fmt::format("M{} {}L{} {}", coordinate(at.x), coordinate(at.y),
                                             coordinate(box.x > at.x ? box.x : box.x + box.width),
                                             coordinate(box.y))}});
    const bool to_the_right = box.x > at.x;
    out.element("text", label,
                {{"x", coordinate(to_the_right ? box.x : box.x + box.width)},
                 {"y", coordinate(box.y + 4)},
                 {"text-anchor", to_the_right ? "start" : "end"}});
    out.close();
}

DataTable table_of(const Scatter& chart) {
    DataTable table{{"method", chart.x_axis, chart.y_axis, "±"}, {}};
    const auto text = [](double value, int decimals) {
        return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "";
    };
    for (const Point& point : chart.points)
        table.rows.push_back(
            {point.label, text(point.x, chart.x_decimals), text(point.y, 4), text(point.half, 4)});
    return table;
}

} // namespace

Figure scatter(const Scatter& chart) {
    Figure figure;
    figure.kind = Figure::Kind::points;
    figure.width = right + 70, figure.height = bottom + 40;
    figure.left = left, figure.top = top, figure.right = right, figure.bottom = bottom;
    std::vector<double> xs;
    std::vector<Box> taken;
    Frame frame;
    for (const Point& point : chart.points)
        if (can_be_drawn(point)) {
            xs.push_back(point.x);
            frame.has_zero = frame.has_zero || point.x == 0;
        }
    frame.x = logarithmic_axis(xs), frame.y = chart.y;
    draw_axes(figure.drawing, frame, chart);
    for (const Point& point : chart.points)
        if (can_be_drawn(point)) {
            const Place at = frame.at(point);
            taken.push_back({at.x - 5, at.y, 10});
        }
    for (const Point& point : chart.points)
        if (can_be_drawn(point)) draw_point(figure.drawing, frame, point, taken);
    figure.table = table_of(chart);
    return figure;
}

} // namespace mneme::report
