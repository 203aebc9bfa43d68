// SPDX-License-Identifier: Apache-2.0
// Tables for a terminal as wide as it is.
#pragma once

#include <string>
#include <vector>

#include <leaderboard/table.hpp>

namespace mneme::cli {

struct Fitting {
    std::vector<std::string> leave_out; // columns by title, the first of them first
    std::vector<std::string> wrap; // columns whose text goes on in further lines; not the first
};

// The table no wider than `width`, where leaving out and wrapping can make it so; then a line that
// names what was left out.
std::string fitted_table(leaderboard::Table, const Fitting&, std::size_t width);

// As `render`, but to a terminal no wider than it is.
std::string render_fitted(const leaderboard::Table&, leaderboard::Format, const Fitting&);

} // namespace mneme::cli
