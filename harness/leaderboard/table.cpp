// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/table.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <base/escape.hpp>
#include <base/text.hpp>

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

std::vector<std::size_t> widths_of(const Table& table, std::size_t least = 0) {
    std::vector<std::size_t> widths;
    for (const Column& column : table.columns)
        widths.push_back(std::max(width(column.title), least));
    for (const auto& row : table.rows)
        for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width(row[c]));
    return widths;
}

std::string text_table(const Table& table, bool markdown) {
    const auto widths = widths_of(table, markdown ? 3 : 0);
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
    std::string out = "% needs \\usepackage{booktabs} and \\usepackage{graphicx}\n";
    out += fit_begin;
    out += "\\begin{tabular}{";
    for (const Column& column : table.columns) out += column.right ? 'r' : 'l';
    out += "}\n\\toprule\n";
    const auto line = [](const std::vector<std::string>& cells) {
        return joined(cells, " & ") + " \\\\\n";
    };
    out += line(titles(table)) + "\\midrule\n";
    for (const auto& row : table.rows) out += line(row);
    return out + "\\bottomrule\n\\end{tabular}" + fit_end + "\n";
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

// The first `count` characters of UTF-8.
std::string beginning(const std::string& text, std::size_t count) {
    std::size_t end = 0;
    for (std::size_t seen = 0; end < text.size(); ++end) {
        const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
        if (starts && seen++ == count) break;
    }
    return text.substr(0, end);
}

} // namespace

std::string latex_cell(std::string_view text) {
    if (text == "-") return "--";
    std::string out = base::latex_text(text);
    const bool sign = out.size() > 1 && (out[0] == '-' || out[0] == '+');
    if (sign && std::isdigit(static_cast<unsigned char>(out[1])) != 0)
        out = std::string("$") + out[0] + "$" + out.substr(1);
    return out;
}

std::vector<std::string> format_names() { return {"table", "markdown", "latex", "csv", "json"}; }

Format format_named(const std::string& name) {
    const std::vector<std::string> names = format_names();
    return Format(std::find(names.begin(), names.end(), name) - names.begin());
}

std::string render(const Table& table, Format format) {
    switch (format) {
        case Format::markdown: return text_table(escaped(table, base::markdown_text), true);
        case Format::latex: return latex_table(escaped(table, latex_cell));
        case Format::csv: return csv_table(escaped(table, base::csv_text));
        default: return text_table(escaped(table, base::one_line), false);
    }
}

// Without the bytes that continue a character in UTF-8.
std::size_t width(const std::string& text) {
    return std::size_t(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::string shortened(const std::string& text, std::size_t most) {
    if (width(text) <= most) return text;
    const std::size_t end = (most - 3) / 2;
    return beginning(text, most - 3 - end) + "..." +
           text.substr(beginning(text, width(text) - end).size());
}

std::size_t table_width(const Table& table) {
    const auto widths = widths_of(escaped(table, base::one_line));
    return std::accumulate(widths.begin(), widths.end(), 2 * (widths.size() - 1));
}

Table fitted(Table table, std::size_t columns) {
    constexpr std::size_t least = 8;
    table = escaped(std::move(table), base::one_line); // as render would, but before it is measured
    for (const bool names : {true, false}) {
        while (true) {
            const auto widths = widths_of(table);
            std::size_t total = 2 * (widths.size() - 1), widest = widths.size();
            for (std::size_t c = 0; c < widths.size(); ++c) {
                total += widths[c];
                const bool can =
                    names ? !table.columns[c].right : width(table.columns[c].title) == widths[c];
                if (can && widths[c] > least &&
                    (widest == widths.size() || widths[c] > widths[widest]))
                    widest = c;
            }
            if (total <= columns) return table;
            if (widest == widths.size()) break;
            const std::size_t to =
                std::max(least, widths[widest] - std::min(widths[widest], total - columns));
            auto& title = table.columns[widest].title;
            title = shortened(title, to);
            if (!names) {
                // Titles alone cannot get narrower than the numbers below them.
                if (widths_of(table)[widest] == widths[widest]) break;
                continue;
            }
            for (auto& row : table.rows) row[widest] = shortened(row[widest], to);
        }
    }
    return table;
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
        while (width(line) > columns) {
            const std::string first = beginning(line, columns);
            out += first + "\n";
            line.erase(0, first.size());
        }
    }
    return line.empty() ? out : out + line + "\n";
}

} // namespace mneme::leaderboard
