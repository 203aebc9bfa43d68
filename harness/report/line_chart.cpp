// SPDX-License-Identifier: Apache-2.0
#include "report/line_chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace mneme::report {
namespace {

constexpr double letter = 6.6; // mean width of a letter of a label
constexpr double line_gap = 14;

struct Frame {
    double left = 46, top = 10, right, bottom;
    Axis x, y;
    double px(double value) const { return left + (right - left) * x.at(value); }
    double py(double value) const { return bottom - (bottom - top) * y.at(value); }
};

std::string dashes(std::size_t pattern) {
    static const std::array<const char*, 4> kinds{"none", "6 3", "2 3", "9 3 2 3"};
    return kinds[pattern % kinds.size()];
}

// Stretches of points that are there, as a path each.
std::string path_of(const Frame& frame, const std::vector<double>& x,
                    const std::vector<double>& y) {
    std::string path;
    bool drawing = false;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (!std::isfinite(y[i])) {
            drawing = false;
            continue;
        }
        path += fmt::format("{}{} {}", drawing ? "L" : "M", coordinate(frame.px(x[i])),
                            coordinate(frame.py(y[i])));
        drawing = true;
    }
    return path;
}

std::string band_of(const Frame& frame, const std::vector<double>& x, const Line& line) {
    std::string path;
    for (std::size_t i = 0, end = 0; i < line.half.size(); i = end + 1) {
        end = i;
        while (end < line.half.size() && std::isfinite(line.half[end] + line.y[end])) ++end;
        if (end - i < 2) continue;
        const auto point = [&](char command, std::size_t k, double y) {
            const double inside = std::clamp(y, frame.y.low, frame.y.high);
            path += fmt::format("{}{} {}", command, coordinate(frame.px(x[k])),
                                coordinate(frame.py(inside)));
        };
        for (std::size_t k = i; k < end; ++k)
            point(k == i ? 'M' : 'L', k, line.y[k] + line.half[k]);
        for (std::size_t k = end; k-- > i;) point('L', k, line.y[k] - line.half[k]);
        path += 'z';
    }
    return path;
}

void draw_axes(Markup& out, const Frame& frame, const LineChart& chart) {
    std::string grid;
    for (double tick : frame.y.ticks)
        grid += fmt::format("M{} {}H{}", coordinate(frame.left), coordinate(frame.py(tick)),
                            coordinate(frame.right));
    for (double mark : chart.marks)
        grid += fmt::format("M{} {}V{}", coordinate(frame.px(mark)), coordinate(frame.top),
                            coordinate(frame.bottom));
    out.empty("path", {{"class", "grid"}, {"d", grid}});
    out.open("g", {{"text-anchor", "end"}});
    for (double tick : frame.y.ticks)
        out.element("text", frame.y.text(tick),
                    {{"class", "soft"},
                     {"x", coordinate(frame.left - 6)},
                     {"y", coordinate(frame.py(tick) + 4)}});
    out.close().open("g", {{"text-anchor", "middle"}});
    for (double tick : frame.x.ticks)
        out.element("text", frame.x.text(tick),
                    {{"class", "soft"},
                     {"x", coordinate(frame.px(tick))},
                     {"y", coordinate(frame.bottom + 16)}});
    out.element(
        "text", chart.x_axis,
        {{"x", coordinate((frame.left + frame.right) / 2)}, {"y", coordinate(frame.bottom + 33)}});
    out.element("text", chart.y_axis,
                {{"transform", fmt::format("translate(12 {}) rotate(-90)",
                                           coordinate((frame.top + frame.bottom) / 2))}});
    out.close();
}

// A point without neighbours is on no stretch, and would not be seen.
bool stands_alone(const std::vector<double>& y, std::size_t i) {
    return (i == 0 || !std::isfinite(y[i - 1])) && (i + 1 == y.size() || !std::isfinite(y[i + 1]));
}

void draw_line(Markup& out, const Frame& frame, const LineChart& chart, const Line& line) {
    out.open("g", {{"data-method", line.label}});
    if (const std::string band = band_of(frame, chart.x, line); !band.empty())
        out.empty("path", {{"class", "band " + line.style}, {"d", band}});
    out.empty("path", {{"class", "line " + line.style},
                       {"stroke-dasharray", dashes(line.pattern)},
                       {"d", path_of(frame, chart.x, line.y)}});
    const bool all = chart.x.size() <= 25 && !chart.small;
    for (std::size_t i = 0; i < chart.x.size(); ++i)
        if (std::isfinite(line.y[i]) && (all || stands_alone(line.y, i)))
            draw_marker(out, frame.px(chart.x[i]), frame.py(line.y[i]), line.pattern, line.style);
    out.close();
}

void draw_labels(Markup& out, const Frame& frame, const LineChart& chart) {
    std::vector<const Line*> named;
    std::vector<double> wanted, from;
    for (const Line& line : chart.lines) {
        std::size_t last = line.y.size();
        while (last > 0 && !std::isfinite(line.y[last - 1])) --last;
        if (last == 0) continue;
        named.push_back(&line);
        wanted.push_back(frame.py(line.y[last - 1]));
        from.push_back(frame.px(chart.x[last - 1]));
    }
    const std::vector<double> places = spread_out(wanted, line_gap, frame.top + 4, frame.bottom);
    for (std::size_t i = 0; i < named.size(); ++i) {
        out.open("g", {{"data-method", named[i]->label}});
        out.empty("path",
                  {{"class", "grid"},
                   {"d", fmt::format("M{} {}L{} {}", coordinate(from[i] + 4), coordinate(wanted[i]),
                                     coordinate(frame.right + 14), coordinate(places[i]))}});
        draw_marker(out, frame.right + 20, places[i], named[i]->pattern, named[i]->style);
        out.element("text", cut_label(named[i]->label, 24),
                    {{"x", coordinate(frame.right + 28)}, {"y", coordinate(places[i] + 4)}});
        out.close();
    }
}

DataTable table_of(const LineChart& chart) {
    DataTable table;
    table.columns.push_back(chart.x_axis);
    for (const Line& line : chart.lines) {
        table.columns.push_back(line.label);
        if (!line.half.empty()) table.columns.push_back("± " + line.label);
    }
    const auto text = [&](double value) {
        if (!std::isfinite(value)) return std::string();
        return chart.decimals == significant ? fmt::format("{:.5g}", value)
                                             : fmt::format("{:.{}f}", value, chart.decimals);
    };
    for (std::size_t i = 0; i < chart.x.size(); ++i) {
        table.rows.push_back({chart.x_names[i]});
        for (const Line& line : chart.lines) {
            table.rows.back().push_back(text(line.y[i]));
            if (!line.half.empty()) table.rows.back().push_back(text(line.half[i]));
        }
    }
    return table;
}

Frame frame_of(const LineChart& chart, Figure& figure) {
    Frame frame;
    std::size_t longest = 0;
    for (const Line& line : chart.lines)
        longest = std::max(longest, cut_label(line.label, 24).size());
    const double names = chart.small ? 10 : 36 + letter * double(longest);
    const double least = chart.small ? 110 : 230;
    const double high = std::max(least, chart.small ? 0 : line_gap * double(chart.lines.size()));
    for (double tick : chart.y.ticks) // beside longer numbers the axis' name needs more room
        frame.left = std::max(frame.left, 19 + letter * double(chart.y.text(tick).size()));
    frame.right = frame.left + (chart.small ? 160 : 330);
    frame.bottom = frame.top + high;
    frame.y = chart.y;
    const double last = chart.x.empty() ? 1 : chart.x.back(),
                 first = chart.x.empty() ? 0 : chart.x[0];
    frame.x = linear_axis(first, last, chart.small ? 4 : 6);
    if (chart.counted) {
        frame.x.ticks.clear();
        for (std::size_t tick : counted_ticks(chart.x.size(), chart.small ? 5 : 10))
            frame.x.ticks.push_back(double(tick));
    }
    figure.width = frame.right + names, figure.height = frame.bottom + 40;
    figure.left = frame.left, figure.right = frame.right;
    figure.top = frame.top, figure.bottom = frame.bottom;
    return frame;
}

} // namespace

std::string cut_label(const std::string& label, std::size_t letters) {
    std::size_t seen = 0, at = 0;
    for (; at < label.size(); ++at)
        if ((static_cast<unsigned char>(label[at]) & 0xC0) != 0x80 && ++seen > letters) break;
    return at == label.size() ? label : label.substr(0, at) + "…";
}

void draw_marker(Markup& out, double x, double y, std::size_t pattern, const std::string& style) {
    static const std::array<const char*, 4> shapes{
        "M{0} {1}m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z", "M{0} {1}m-3 -3h6v6h-6z",
        "M{0} {1}m0 -4l4 7h-8z", "M{0} {1}m0 -4l4 4l-4 4l-4 -4z"};
    out.empty("path", {{"class", "mark " + style},
                       {"d", fmt::format(fmt::runtime(shapes[pattern % shapes.size()]),
                                         coordinate(x), coordinate(y))}});
}

Figure line_chart(const LineChart& chart) {
    Figure figure;
    figure.kind = Figure::Kind::lines;
    const Frame frame = frame_of(chart, figure);
    draw_axes(figure.drawing, frame, chart);
    for (const Line& line : chart.lines) draw_line(figure.drawing, frame, chart, line);
    if (!chart.small) draw_labels(figure.drawing, frame, chart);
    figure.table = table_of(chart);
    return figure;
}

} // namespace mneme::report
