// SPDX-License-Identifier: Apache-2.0
#include "report/tidy.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <base/escape.hpp>
#include <base/text.hpp>

#include "report/flat_rows.hpp"
#include "report/settings.hpp"

namespace mneme::report {
namespace {

std::string csv_cell(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) return base::csv_field(*text);
    if (const auto* whole = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *whole);
    const double value = std::get<double>(cell);
    return std::isnan(value) ? "" : base::number(value);
}

std::string json_cell(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell))
        return '"' + base::script_text(*text) + '"';
    if (const auto* whole = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *whole);
    const double value = std::get<double>(cell);
    return std::isfinite(value) ? base::number(value) : "null"; // JSON has no infinity
}

std::string line_of(const std::vector<std::string>& columns, const Row& row, FlatFormat format) {
    std::string out;
    for (std::size_t c = 0; c < row.size(); ++c) {
        if (c > 0) out += ',';
        if (format == FlatFormat::csv) out += csv_cell(row[c]);
        else out += '"' + base::script_text(columns[c]) + "\":" + json_cell(row[c]);
    }
    return format == FlatFormat::csv ? out + "\n" : "{" + out + "}\n";
}

} // namespace

std::vector<std::string> flat_columns(const results::File& file, Flat what) {
    std::vector<std::string> columns{"benchmark", "method", "seed"};
    for (const std::string& name : own_columns(what)) columns.push_back(name);
    const std::size_t fixed = columns.size();
    for (const std::string& key : grid_keys(file)) {
        const auto end = columns.begin() + std::ptrdiff_t(fixed);
        const bool taken = std::find(columns.begin(), end, key) != end;
        columns.push_back(taken ? "option." + key : key);
    }
    return columns;
}

void write_flat(const results::File& file, Flat what, FlatFormat format,
                const std::function<void(std::string_view)>& put) {
    const std::vector<std::string> columns = flat_columns(file, what);
    if (format == FlatFormat::csv) {
        std::vector<std::string> heads;
        for (const std::string& column : columns) heads.push_back(base::csv_field(column));
        put(base::joined(heads, ",") + "\n");
    }
    const std::vector<std::string> keys = grid_keys(file);
    for (const results::Block& block : file.blocks)
        for (std::size_t m = 0; m < block.methods.size(); ++m) {
            const Settings settings = settings_of(block, block.methods[m]);
            Row grid;
            for (const std::string& key : keys) {
                const auto found = settings.find(key);
                grid.emplace_back(found == settings.end() ? std::string() : found->second);
            }
            for (std::size_t s = 0; s < block.seeds.size(); ++s)
                rows_of_run(block, m, s, what, [&](const Row& own) {
                    Row row{block.benchmark, block.methods[m], std::int64_t(block.seeds[s])};
                    row.insert(row.end(), own.begin(), own.end());
                    row.insert(row.end(), grid.begin(), grid.end());
                    put(line_of(columns, row, format));
                });
        }
}

} // namespace mneme::report
