// SPDX-License-Identifier: Apache-2.0
// A page, and the figures, as files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <protocol/cell.hpp>
#include <results/block.hpp>

namespace mneme::cli {

// The cells of the plan in a results folder; none without a plan, or where another version of the
// program wrote it.
std::vector<protocol::Cell> planned_cells(const std::filesystem::path& folder);

struct ReportSource {
    results::File file;
    std::string named;            // the paths, as the user gave them
    std::filesystem::path folder; // whose logs tell why runs failed; empty: none
};

void write_page(const ReportSource&, const std::filesystem::path& to,
                const std::string& command_line);

// An SVG a figure, and leaderboard.tex. Returns how many files they are.
std::size_t write_figures(const results::File&, const std::filesystem::path& folder);

} // namespace mneme::cli
