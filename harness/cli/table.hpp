// SPDX-License-Identifier: Apache-2.0
// Tables as text, Markdown, LaTeX or CSV.
#pragma once

#include <string>
#include <vector>

namespace mneme::cli {

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

// `format` is any but json. The text ends with a line feed.
std::string render(const Table&, Format);

} // namespace mneme::cli
