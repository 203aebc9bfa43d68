// SPDX-License-Identifier: Apache-2.0
// The cells of a plan in its text: a task of a cluster wants a few of very many, and to read all of
// them as JSON takes a hundred times as long as to pass over them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mneme::harness {

// Cells counted from 0, both ends included.
struct CellRange {
    std::size_t first = 0, last = 0;
};

struct SomeCells {
    std::string text;      // of the plan, with no other cells than those of the range
    std::size_t count = 0; // of all its cells
};

// Nothing where the text is not a JSON object, as far as one looks: of what is passed over only
// strings and brackets are. The text as it is where it has no list of cells.
std::optional<SomeCells> some_cells(std::string_view plan, CellRange);

} // namespace mneme::harness
