// SPDX-License-Identifier: Apache-2.0
#include "report/figure.hpp"

#include <fmt/format.h>

namespace mneme::report {
namespace {

const char* kind_name(Figure::Kind kind) {
    switch (kind) {
        case Figure::Kind::matrix: return "matrix";
        case Figure::Kind::lines: return "lines";
        case Figure::Kind::points: return "points";
    }
    return "";
}

std::string size_of(double width, double height) {
    return fmt::format("0 0 {} {}", coordinate(width), coordinate(height));
}

// What the page's style sheet says about drawings, for a file that has none.
constexpr Literal file_style = R"(
svg { font: 12px sans-serif; background: #fff; --ink: #1b1b1f; --soft: #5c5c66; --line: #dcdce2 }
text { fill: var(--ink) }
.soft { fill: var(--soft) }
.grid { stroke: var(--line); fill: none }
.frame { stroke: var(--soft); fill: none }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
.band { stroke: none; fill-opacity: .13 }
.small { font-size: 10px }
.heading { font-weight: bold }
)";

} // namespace

std::string safe_name(const std::string& text) {
    std::string out;
    for (char c : text) {
        const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '-';
        if (kept) out += c;
        else if (!out.empty() && out.back() != '-') out += '-';
        if (out.size() >= 80) break;
    }
    while (!out.empty() && (out.back() == '-' || out.back() == '.')) out.pop_back();
    return out.empty() || out.front() == '.' ? "x" + out : out;
}

Markup table_html(const DataTable& table) {
    Markup out;
    out.open("table").open("thead").open("tr");
    for (const std::string& column : table.columns) out.element("th", column, {{"scope", "col"}});
    out.close().close().open("tbody");
    for (const auto& row : table.rows) {
        out.open("tr");
        for (std::size_t c = 0; c < row.size(); ++c)
            if (c == 0) out.element("th", row[c], {{"scope", "row"}});
            else out.element("td", row[c]);
        out.close();
    }
    return out.close().close();
}

Markup figure_html(const Figure& figure, std::size_t block) {
    Markup out;
    const std::string id = fmt::format("b{}-{}", block, figure.name);
    out.open("figure", {{"class", kind_name(figure.kind)}, {"data-method", figure.method}});
    out.element("figcaption", figure.title);
    out.open("svg", {{"viewBox", size_of(figure.width, figure.height)},
                     {"role", "img"},
                     {"tabindex", "0"},
                     {"aria-labelledby", id + "-t"},
                     {"aria-describedby", id + "-d"},
                     {"data-block", fmt::format("{}", block)},
                     {"data-quantity", figure.quantity},
                     {"data-area",
                      fmt::format("{} {} {} {}", coordinate(figure.left), coordinate(figure.top),
                                  coordinate(figure.right), coordinate(figure.bottom))}});
    out.element("title", figure.title, {{"id", id + "-t"}});
    out.element("desc", figure.description, {{"id", id + "-d"}});
    out.add(figure.drawing).close();
    out.open("details").element("summary", "Numbers");
    out.open("div", {{"class", "scroll"}}).add(table_html(figure.table)).close();
    return out.close().close();
}

std::string colour_rules(std::size_t series, std::size_t tasks, Theme theme) {
    std::string out;
    const auto rule = [&](char kind, std::size_t i, const Colour& colour) {
        out += fmt::format(".{}{}{{stroke:{};fill:{}}}\n", kind, i, colour.hex(), colour.hex());
    };
    for (std::size_t i = 0; i < series; ++i) rule('s', i, series_colour(i, theme));
    for (std::size_t i = 0; i < tasks; ++i) rule('t', i, task_colour(i, tasks, theme));
    return out;
}

std::string figure_file(const Figure& figure) {
    constexpr double heading = 26;
    const double width = figure.width + figure.legend_width, height = figure.height + heading;
    Markup out;
    out.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                     {"viewBox", size_of(width, height)},
                     {"width", coordinate(width)},
                     {"height", coordinate(height)},
                     {"role", "img"}});
    out.element("title", figure.title).element("desc", figure.description);
    out.open("style")
        .text(colour_rules(64, task_classes, Theme::light))
        .resource(file_style)
        .close();
    out.element("text", figure.title, {{"x", "8"}, {"y", "18"}, {"class", "heading"}});
    out.open("g", {{"transform", fmt::format("translate(0 {})", heading)}}).add(figure.drawing);
    out.open("g", {{"transform", fmt::format("translate({} 0)", coordinate(figure.width))}})
        .add(figure.legend)
        .close();
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + out.close().close().str() + "\n";
}

} // namespace mneme::report
