// SPDX-License-Identifier: Apache-2.0
// Tables as text, Markdown, LaTeX or CSV.
#pragma once

#include <string>
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

std::size_t width(const std::string&); // in characters
// Lines of at most `columns` characters, broken at spaces; each ends with a line feed.
std::string wrapped(const std::string&, std::size_t columns = 80);

} // namespace mneme::leaderboard
