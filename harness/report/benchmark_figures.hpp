// SPDX-License-Identifier: Apache-2.0
// The figures of one benchmark.
#pragma once

#include <string>
#include <vector>

#include <results/block.hpp>

#include "report/figure.hpp"

namespace mneme::report {

struct FigureGroup {
    std::string heading, remark;
    std::vector<Figure> figures;
    Markup legend; // one for all of them; may be empty
    bool side_by_side = false;
    bool by_seed = false;     // a seed may be chosen for them
    double low = 0, high = 1; // the ends of their colours
};

// In the order of the page. A group for which the file has nothing is left out.
std::vector<FigureGroup> figures_of(const results::Block&);

// The class of the colour of a method or of a task of `tasks`.
std::string method_style(std::size_t method);
std::string task_style(std::size_t task, std::size_t tasks);

FigureGroup confusion_figures(const results::Block&);
inline constexpr std::size_t most_geometry_lines = 12; // in one drawing; each has a colour
FigureGroup geometry_figures(const results::Block&);
FigureGroup curvature_figures(const results::Block&);
FigureGroup plane_figures(const results::Block&);
FigureGroup cka_figures(const results::Block&);
FigureGroup inside_figures(const results::Block&);
FigureGroup diagnostic_figures(const results::Block&);

} // namespace mneme::report
