// SPDX-License-Identifier: Apache-2.0
#include "importer/table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <csv.h>
#include <base/error.hpp>
#include <base/text.hpp>

namespace mneme::importer {

namespace {

[[noreturn]] void refuse(const std::string& message) {
    throw base::ExitError(base::ExitCode::bad_input, message);
}

struct Parse {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row;
};

void end_of_cell(void* bytes, std::size_t count, void* parse) {
    static_cast<Parse*>(parse)->row.emplace_back(static_cast<const char*>(bytes), count);
}

void end_of_row(int, void* parse) {
    auto& p = *static_cast<Parse*>(parse);
    p.rows.push_back(std::move(p.row));
    p.row.clear();
}

} // namespace

Table::Table(const std::string& text, const std::string& file, Rows form) : file_(file) {
    Parse parse;
    csv_parser parser;
    csv_init(&parser, CSV_STRICT | CSV_APPEND_NULL);
    const std::size_t read =
        csv_parse(&parser, text.data(), text.size(), end_of_cell, end_of_row, &parse);
    const bool good =
        read == text.size() && csv_fini(&parser, end_of_cell, end_of_row, &parse) == 0;
    csv_free(&parser);
    if (!good) refuse(file + ": is not CSV (a quotation mark inside a cell); quote such cells");
    if (parse.rows.size() < 2) refuse(file + ": holds no rows; expected a header and rows");
    header_ = parse.rows[0];
    rows_.assign(parse.rows.begin() + 1, parse.rows.end());
    for (std::size_t row = 0; row < rows_.size(); ++row) {
        if (form == Rows::may_end_early && rows_[row].size() < header_.size())
            rows_[row].resize(header_.size());
        if (rows_[row].size() != header_.size())
            refuse(place(row) + ": has " + std::to_string(rows_[row].size()) +
                   " cells; expected one for each of the " + std::to_string(header_.size()) +
                   " columns");
    }
}

bool Table::has(const std::string& column) const {
    return std::find(header_.begin(), header_.end(), column) != header_.end();
}

const std::string& Table::cell(std::size_t row, const std::string& column) const {
    const auto found = std::find(header_.begin(), header_.end(), column);
    if (found == header_.end()) refuse(file_ + ": has no column " + column + "; add it");
    return rows_[row][static_cast<std::size_t>(found - header_.begin())];
}

std::string Table::cell_or(std::size_t row, const std::string& column,
                           const std::string& other) const {
    return has(column) ? cell(row, column) : other;
}

std::string Table::place(std::size_t row) const {
    return file_ + ", row " + std::to_string(row + 1);
}

std::int32_t whole_number(const std::string& text, const std::string& place, std::int32_t least,
                          std::int32_t most) {
    std::int32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
        refuse(place + ": " + base::in_quotes(base::one_line(text)) +
               "; expected a whole number from " + std::to_string(least) + " to " +
               std::to_string(most));
    return value;
}

Accuracy accuracy(const std::string& text, const std::string& place, int scale) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= scale))
        refuse(place + ": " + base::in_quotes(base::one_line(text)) +
               "; expected an accuracy from 0 to " + std::to_string(scale));
    const std::size_t point = text.find('.');
    const std::size_t digits = point == std::string::npos ? 0
                               : text.find_first_of("eE", point) == std::string::npos
                                   ? text.size() - point - 1
                                   : 17;
    return {value / scale,
            static_cast<int>(std::min<std::size_t>(digits, 17)) + (scale == 100 ? 2 : 0)};
}

} // namespace mneme::importer
