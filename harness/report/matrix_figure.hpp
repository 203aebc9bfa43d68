// SPDX-License-Identifier: Apache-2.0
// A matrix of colours, labelled on both axes.
#pragma once

#include <string>
#include <vector>

#include "report/figure.hpp"

namespace mneme::report {

// On a matrix: `row` and `column` in cells from its corner, so that 0.5 is the middle of the first.
struct MatrixMark {
    double row, column;
    std::string text;
};

struct MatrixData {
    std::size_t rows = 0, columns = 0;
    std::vector<double> values; // row-major; NaN: nothing to show
    double low = 0, high = 1;   // the ends of the colour scale
    bool light_is_low = false;  // the scale turned round: for what should be small
    std::string row_axis, column_axis;
    std::vector<std::string> row_names, column_names; // of the table; as long as the axes
    std::size_t first_tick = 1;                       // number of the first row and column
    // In place of numbers beside rows and below columns, each where its row or column is.
    std::vector<MatrixMark> row_ticks, column_ticks;
    std::vector<MatrixMark> marks; // names on the cells
};

// Fills drawing, table, sizes and legend; the caller gives name, title and description.
Figure matrix_figure(const MatrixData&);

// The colour scale with its ends, `width` wide.
Markup colour_bar(double low, double high, bool light_is_low, double width);

} // namespace mneme::report
