// SPDX-License-Identifier: Apache-2.0
// Tables as text, Markdown, LaTeX or CSV.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mneme::leaderboard {

enum class Format { table, markdown, latex, csv, json };

std::vector<std::string> format_names();
Format format_named(const std::string&); // one of them

struct Column {
    std::string title;
    bool right = false; // numbers stand to the right
};

struct Table {
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows; // as wide as `columns`
};

// `format` is any but json. Cells are plain text, which is escaped. The text ends with a line feed.
std::string render(const Table&, Format);

// Escaped; a number has the minus of mathematics, and what is missing a dash.
std::string latex_cell(std::string_view);

// Around a tabular of LaTeX: without an indent, scaled to the width of the text where
// it is wider (graphicx).
inline constexpr const char* fit_begin =
    "\\noindent\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%\n";
inline constexpr const char* fit_end = "}";

std::size_t width(const std::string&); // in characters

// Its beginning and its end, with "..." between, where it is longer than `most`.
std::string shortened(const std::string&, std::size_t most);

std::size_t table_width(const Table&); // of its lines as text

// With names, which stand to the left, and then titles shortened until a line of text is as wide as
// `columns`. Numbers are left whole.
Table fitted(Table, std::size_t columns = 80);

// Lines of at most `columns` characters, broken at spaces, and within a word that is longer than a
// line; each ends with a line feed.
std::string wrapped(const std::string&, std::size_t columns = 80);

} // namespace mneme::leaderboard
