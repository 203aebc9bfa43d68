// SPDX-License-Identifier: Apache-2.0
// A drawing with the numbers behind it: in a page, or as an SVG file of its own.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/colour.hpp"
#include "report/markup.hpp"

namespace mneme::report {

struct DataTable {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows; // as wide as `columns`; the first cell is the head
};

struct Figure {
    std::string name;               // of its file; letters, digits, '-', '.'
    std::string title, description; // <title>, <desc>
    double width = 0, height = 0;
    Markup drawing; // in a coordinate system of width x height
    DataTable table;

    // For a reader's pointer and arrow keys: what the table's rows and columns are in the drawing.
    enum class Kind { matrix, lines, points };
    Kind kind = Kind::lines;
    double left = 0, top = 0, right = 0, bottom = 0; // where values are drawn

    std::string method;   // whose figure it is; empty: of several
    std::string quantity; // "accuracy", "forgetting": a matrix that a seed can be chosen for
    Markup legend;        // of a file of its own only: the page shows one for many figures
    double legend_width = 0;
};

// Only letters, digits, '.' and '-', at most 80 of them.
std::string safe_name(const std::string&);

// <figure> with caption, drawing and table.
Markup figure_html(const Figure&, std::size_t block);
Markup table_html(const DataTable&);
std::string figure_file(const Figure&); // a whole SVG document

// The colours that drawings name by class: s0, s1, ... a method's; t0, t1, ... a task's.
std::string colour_rules(std::size_t series, std::size_t tasks, Theme);
inline constexpr std::size_t task_classes = 32; // a task's class is task * 32 / tasks

} // namespace mneme::report
