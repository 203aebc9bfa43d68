// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/table.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <base/text.hpp>

#include "leaderboard/escape.hpp"

namespace mneme::leaderboard {
namespace {

std::string padded(const std::string& text, std::size_t to, bool right) {
    const std::string space(to > width(text) ? to - width(text) : 0, ' ');
    return right ? space + text : text + space;
}

std::vector<std::string> titles(const Table& table) {
    std::vector<std::string> out;
    for (const Column& column : table.columns) out.push_back(column.title);
    return out;
}

std::string joined(const std::vector<std::string>& cells, const std::string& between) {
    return fmt::format("{}", fmt::join(cells, between));
}

// Every cell as the format can hold it.
Table escaped(Table table, std::string (*escape)(std::string_view)) {
    for (Column& column : table.columns) column.title = escape(column.title);
    for (auto& row : table.rows)
        for (std::string& cell : row) cell = escape(cell);
    return table;
}

std::string text_table(const Table& table, bool markdown) {
    std::vector<std::size_t> widths;
    for (const Column& column : table.columns)
        widths.push_back(std::max<std::size_t>(width(column.title), markdown ? 3 : 0));
    for (const auto& row : table.rows)
        for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width(row[c]));
    const auto line = [&](const std::vector<std::string>& cells) {
        std::vector<std::string> out;
        for (std::size_t c = 0; c < cells.size(); ++c)
            out.push_back(padded(cells[c], widths[c], table.columns[c].right));
        std::string text = markdown ? "| " + joined(out, " | ") + " |" : joined(out, "  ");
        while (!markdown && !text.empty() && text.back() == ' ') text.pop_back();
        return text + "\n";
    };
    std::string out = line(titles(table));
    if (markdown) {
        std::vector<std::string> rule;
        for (std::size_t c = 0; c < widths.size(); ++c)
            rule.push_back(std::string(widths[c] - 1, '-') + (table.columns[c].right ? ":" : "-"));
        out += "| " + joined(rule, " | ") + " |\n";
    }
    for (const auto& row : table.rows) out += line(row);
    return out;
}

std::string latex_table(const Table& table) {
    std::string out = "% needs \\usepackage{booktabs}\n\\begin{tabular}{";
    for (const Column& column : table.columns) out += column.right ? 'r' : 'l';
    out += "}\n\\toprule\n";
    const auto line = [](const std::vector<std::string>& cells) {
        return joined(cells, " & ") + " \\\\\n";
    };
    out += line(titles(table)) + "\\midrule\n";
    for (const auto& row : table.rows) out += line(row);
    return out + "\\bottomrule\n\\end{tabular}\n";
}

std::string csv_table(const Table& table) {
    std::string out;
    const auto line = [](const std::vector<std::string>& cells) {
        return joined(cells, ",") + "\n";
    };
    out += line(titles(table));
    for (const auto& row : table.rows) out += line(row);
    return out;
}

} // namespace

std::vector<std::string> format_names() { return {"table", "markdown", "latex", "csv", "json"}; }

Format format_named(const std::string& name) {
    const std::vector<std::string> names = format_names();
    return Format(std::find(names.begin(), names.end(), name) - names.begin());
}

std::string render(const Table& table, Format format) {
    switch (format) {
        case Format::markdown: return text_table(escaped(table, markdown_text), true);
        case Format::latex: return latex_table(escaped(table, latex_text));
        case Format::csv: return csv_table(escaped(table, csv_text));
        default: return text_table(escaped(table, base::one_line), false);
    }
}

// Without the bytes that continue a character in UTF-8.
std::size_t width(const std::string& text) {
    return std::size_t(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::string wrapped(const std::string& text, std::size_t columns) {
    std::string out, line;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (!line.empty() && width(line) + 1 + width(word) > columns) {
            out += line + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    return line.empty() ? out : out + line + "\n";
}

} // namespace mneme::leaderboard
