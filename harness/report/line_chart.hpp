// SPDX-License-Identifier: Apache-2.0
// Lines over a common x, each with a band where there is one, named at their right ends.
#pragma once

#include <string>
#include <vector>

#include "report/axis.hpp"
#include "report/figure.hpp"

namespace mneme::report {

inline constexpr int significant = -1; // decimals of a table: five significant digits instead

struct Line {
    std::string label;
    std::string style;        // "s3": the fourth method's colour; "t0": the first task's
    std::size_t pattern = 0;  // dashes and markers differ, for eyes that do not tell colours apart
    std::vector<double> y;    // NaN: a gap
    std::vector<double> half; // y ± half; empty: no band
};

struct LineChart {
    std::string x_axis, y_axis;
    std::vector<double> x;
    std::vector<std::string> x_names; // of the table's rows
    std::vector<Line> lines;
    std::vector<double> marks; // vertical lines, at borders of tasks
    Axis y;
    bool counted = true; // x are numbers of tasks: ticks are whole
    bool small = false;  // one of many side by side
    int decimals = 4;    // of the table
};

// Fills drawing, table and sizes; the caller gives name, title and description.
Figure line_chart(const LineChart&);

// A shape of its own for each pattern, around a point.
void draw_marker(Markup&, double x, double y, std::size_t pattern, const std::string& style);
std::string cut_label(const std::string&, std::size_t letters);

} // namespace mneme::report
