// SPDX-License-Identifier: Apache-2.0
// Tables of text, and the numbers in their cells.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mneme::importer {

// Whether a row must have a cell for each column, or may end early: its last cells are then empty.
enum class Rows { whole, may_end_early };

// A CSV file with a header. Columns are asked for by name.
class Table final {
  public:
    Table(const std::string& text, const std::string& file, Rows = Rows::whole);

    const std::vector<std::string>& columns() const { return header_; }

    std::size_t rows() const { return rows_.size(); }
    bool has(const std::string& column) const;
    const std::string& cell(std::size_t row, const std::string& column) const;
    std::string cell_or(std::size_t row, const std::string& column, const std::string&) const;
    std::string place(std::size_t row) const; // for messages: "FILE, line N"

  private:
    std::string file_;
    std::vector<std::string> header_;
    std::vector<std::vector<std::string>> rows_;
};

std::int32_t whole_number(const std::string& text, const std::string& place, std::int32_t least,
                          std::int32_t most);

// `scale`: what the program calls all correct, 1 or 100. The decimals are those of the result.
struct Accuracy {
    double value;
    int decimals;
};
Accuracy accuracy(const std::string& text, const std::string& place, int scale);

} // namespace mneme::importer
