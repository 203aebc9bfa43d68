// SPDX-License-Identifier: Apache-2.0
// A point a method, over a logarithmic x: what accuracy costs.
#pragma once

#include <string>
#include <vector>

#include "report/axis.hpp"
#include "report/figure.hpp"

namespace mneme::report {

struct Point {
    std::string label, style;
    std::size_t pattern = 0;
    double x = 0, y = 0; // an x of 0 stands left of the axis, which has no 0
    double half = 0;     // y ± half; NaN: unknown
};

struct Scatter {
    std::string x_axis, y_axis;
    std::vector<Point> points;
    Axis y;
    int x_decimals = 0; // of the table
};

// Fills drawing, table and sizes; the caller gives name, title and description.
Figure scatter(const Scatter&);

} // namespace mneme::report
