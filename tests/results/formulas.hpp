// SPDX-License-Identifier: Apache-2.0
// Formulas of the schema by their paths.
#pragma once

#include <stdexcept>
#include <string>

#include "../../results_schema/layout.hpp"

namespace mneme::results {

inline const Derived& formula(const std::string& path) {
    for (const Derived& one : derived())
        if (one.path == path) return one;
    throw std::runtime_error("no formula " + path);
}

inline double of_first_run(const Block& block, const std::string& name) {
    return formula("metrics/" + name).value(block).data[0];
}

} // namespace mneme::results
