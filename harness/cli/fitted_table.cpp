// SPDX-License-Identifier: Apache-2.0
#include "cli/fitted_table.hpp"

#include <unistd.h>

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <base/text.hpp>

#include "cli/live_screen.hpp"

namespace mneme::cli {
namespace {

using leaderboard::Table;

constexpr std::size_t between = 2;        // columns of space
constexpr std::size_t least_wrapped = 20; // columns of a text that is wrapped

std::size_t position(const Table& table, const std::string& title) {
    for (std::size_t c = 0; c < table.columns.size(); ++c)
        if (table.columns[c].title == title) return c;
    return table.columns.size();
}

std::size_t widest(const Table& table, std::size_t c) {
    std::size_t most = leaderboard::width(table.columns[c].title);
    for (const auto& row : table.rows) most = std::max(most, leaderboard::width(row[c]));
    return most;
}

struct Widths {
    std::vector<std::size_t> wrapped; // columns, those of little text first
    std::size_t others = 0;           // of the other columns, and the space between all
};

Widths widths_of(const Table& table, const Fitting& fitting) {
    Widths widths;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        widths.others += c == 0 ? 0 : between;
        const auto& wrapped = fitting.wrap;
        if (std::count(wrapped.begin(), wrapped.end(), table.columns[c].title) > 0)
            widths.wrapped.push_back(c);
        else widths.others += widest(table, c);
    }
    std::sort(widths.wrapped.begin(), widths.wrapped.end(),
              [&](auto a, auto b) { return widest(table, a) < widest(table, b); });
    return widths;
}

void erase(Table& table, std::size_t c) {
    table.columns.erase(table.columns.begin() + std::ptrdiff_t(c));
    for (auto& row : table.rows) row.erase(row.begin() + std::ptrdiff_t(c));
}

std::vector<std::string> lines_of(const std::string& text, std::size_t width) {
    std::istringstream wrapped(leaderboard::wrapped(text, width));
    std::vector<std::string> lines;
    for (std::string line; std::getline(wrapped, line);) lines.push_back(line);
    if (lines.empty()) lines.emplace_back();
    return lines;
}

// A row that goes on has empty cells before its own text; lines of several columns share rows.
void wrap(Table& table, std::size_t c, std::size_t width) {
    std::vector<std::vector<std::string>> rows;
    for (std::size_t r = 0; r < table.rows.size();) {
        const std::size_t first = rows.size();
        const std::vector<std::string> lines = lines_of(table.rows[r][c], width);
        do rows.push_back(table.rows[r++]);
        while (r < table.rows.size() && table.rows[r][0].empty());
        while (rows.size() - first < lines.size()) rows.emplace_back(table.columns.size());
        for (std::size_t i = 0; i < lines.size(); ++i) rows[first + i][c] = lines[i];
    }
    table.rows = std::move(rows);
}

} // namespace

std::string fitted_table(Table table, const Fitting& fitting, std::size_t width) {
    std::vector<std::string> left_out;
    const auto fits = [&] {
        const Widths widths = widths_of(table, fitting);
        std::size_t least = widths.others;
        for (std::size_t c : widths.wrapped) least += std::min(widest(table, c), least_wrapped);
        return least <= width;
    };
    for (const std::string& title : fitting.leave_out) {
        if (fits()) break;
        const std::size_t c = position(table, title);
        if (c == table.columns.size()) continue;
        erase(table, c);
        left_out.push_back(title);
    }
    const Widths widths = widths_of(table, fitting);
    std::size_t room = width > widths.others ? width - widths.others : 0;
    for (std::size_t k = 0; k < widths.wrapped.size(); ++k) {
        const std::size_t c = widths.wrapped[k], share = room / (widths.wrapped.size() - k);
        if (widest(table, c) > share) wrap(table, c, std::max(share, least_wrapped));
        room -= std::min(room, widest(table, c));
    }
    std::string text = leaderboard::render(table, leaderboard::Format::table);
    if (!left_out.empty())
        text += leaderboard::wrapped(
            fmt::format("Not shown for want of room: {}. --json and wider terminals have {}.",
                        base::joined(left_out), left_out.size() == 1 ? "it" : "them"),
            width);
    return text;
}

std::string render_fitted(const Table& table, leaderboard::Format format, const Fitting& fitting) {
    if (format != leaderboard::Format::table || !isatty(STDOUT_FILENO))
        return leaderboard::render(table, format);
    return fitted_table(table, fitting, LiveScreen().columns() + 1);
}

} // namespace mneme::cli
