// SPDX-License-Identifier: Apache-2.0
// FACIL's matrix: a line for each task trained, a column for each task evaluated. It evaluates the
// tasks seen so far and leaves zeros for the others.
#include <sstream>

#include "importer/formats.hpp"
#include "importer/table.hpp"

namespace mneme::importer {

Evaluations read_facil(const std::string& text, const std::string& file, const RunName& names) {
    Evaluations all;
    std::istringstream lines(text);
    std::string line;
    for (int trained = 1; std::getline(lines, line); ++trained) {
        std::istringstream cells(line);
        std::string cell;
        for (int evaluated = 1; evaluated <= trained && cells >> cell; ++evaluated) {
            const Accuracy read = accuracy(cell, file + ", line " + std::to_string(trained), 1);
            all.push_back({names, trained, evaluated, -1, -1, read.value, read.decimals});
        }
    }
    return all;
}

} // namespace mneme::importer
