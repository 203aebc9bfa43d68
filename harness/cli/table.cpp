// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <base/text.hpp>

namespace mneme::cli {
namespace {

// Characters, not bytes: labels are ASCII, but the plus-minus sign and task names are not.
std::size_t width(const std::string& text) {
    return std::size_t(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::string padded(const std::string& text, std::size_t to, bool right) {
    const std::string space(to > width(text) ? to - width(text) : 0, ' ');
    return right ? space + text : text + space;
}

std::string replaced(std::string text, const std::vector<std::pair<char, std::string>>& by) {
    std::string out;
    for (char c : text) {
        const auto found =
            std::find_if(by.begin(), by.end(), [c](const auto& rule) { return rule.first == c; });
        out += found == by.end() ? std::string(1, c) : found->second;
    }
    return out;
}

std::string latex_text(const std::string& text) {
    std::string out = replaced(text, {{'\\', "\\textbackslash{}"},
                                      {'_', "\\_"},
                                      {'%', "\\%"},
                                      {'&', "\\&"},
                                      {'#', "\\#"},
                                      {'$', "\\$"},
                                      {'{', "\\{"},
                                      {'}', "\\}"},
                                      {'~', "\\textasciitilde{}"},
                                      {'^', "\\textasciicircum{}"}});
    for (const auto& [from, to] :
         {std::pair<std::string, std::string>{"±", "$\\pm$"}, {"−", "$-$"}})
        for (std::size_t at = 0; (at = out.find(from, at)) != std::string::npos; at += to.size())
            out.replace(at, from.size(), to);
    return out;
}

// A spreadsheet takes what begins so for a formula.
bool looks_like_a_formula(const std::string& text) {
    if (text.size() < 2 || std::string("=+-@").find(text[0]) == std::string::npos) return false;
    char* end = nullptr;
    std::strtod(text.c_str(), &end);
    return *end != 0; // a negative number is a number
}

std::string csv_text(const std::string& cell) {
    const std::string text = looks_like_a_formula(cell) ? "'" + cell : cell;
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    return "\"" + replaced(text, {{'"', "\"\""}}) + "\"";
}

std::vector<std::string> titles(const Table& table) {
    std::vector<std::string> out;
    for (const Column& column : table.columns) out.push_back(column.title);
    return out;
}

std::string joined(const std::vector<std::string>& cells, const std::string& between) {
    return fmt::format("{}", fmt::join(cells, between));
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
    std::string out = "\\begin{tabular}{";
    for (const Column& column : table.columns) out += column.right ? 'r' : 'l';
    out += "}\n\\hline\n";
    const auto line = [](const std::vector<std::string>& cells) {
        std::vector<std::string> escaped;
        for (const std::string& cell : cells) escaped.push_back(latex_text(cell));
        return joined(escaped, " & ") + " \\\\\n";
    };
    out += line(titles(table)) + "\\hline\n";
    for (const auto& row : table.rows) out += line(row);
    return out + "\\hline\n\\end{tabular}\n";
}

std::string csv_table(const Table& table) {
    std::string out;
    const auto line = [](const std::vector<std::string>& cells) {
        std::vector<std::string> quoted;
        for (const std::string& cell : cells) quoted.push_back(csv_text(cell));
        return joined(quoted, ",") + "\n";
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

namespace {

// Labels, names and messages may be a stranger's.
Table cleaned(Table table, Format format) {
    for (auto& row : table.rows)
        for (std::string& cell : row) {
            cell = base::one_line(cell);
            if (format == Format::markdown) cell = replaced(cell, {{'|', "\\|"}});
        }
    return table;
}

} // namespace

std::string render(const Table& given, Format format) {
    const Table table = cleaned(given, format);
    switch (format) {
        case Format::markdown: return text_table(table, true);
        case Format::latex: return latex_table(table);
        case Format::csv: return csv_table(table);
        default: return text_table(table, false);
    }
}

} // namespace mneme::cli
