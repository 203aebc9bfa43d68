// SPDX-License-Identifier: Apache-2.0
// What `mneme status --watch` says of a suite that runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/run_lines.hpp"
#include "scheduler/work_state.hpp"

namespace mneme::cli {

struct Snapshot {
    std::vector<RunLine> runs;
    std::vector<scheduler::WorkState> work;
    std::optional<std::string> holder; // who works in the folder; nothing: nobody does
};

// The lines of a screen, at most `rows` of at most `columns` characters.
std::vector<std::string> screen(const Snapshot&, const std::string& folder, std::size_t columns,
                                std::size_t rows);

// A line for each thing that has changed.
std::vector<std::string> changes(const Snapshot& before, const Snapshot& now);

} // namespace mneme::cli
