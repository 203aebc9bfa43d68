// SPDX-License-Identifier: Apache-2.0
// What the flat tables say of one run, behind the columns that name it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include <results/block.hpp>

#include "report/tidy.hpp"

namespace mneme::report {

using Cell = std::variant<std::string, std::int64_t, double>; // an empty text, a NaN: unknown
using Row = std::vector<Cell>;

std::vector<std::string> own_columns(Flat);
void rows_of_run(const results::Block&, std::size_t method, std::size_t seed, Flat,
                 const std::function<void(const Row&)>& emit);

} // namespace mneme::report
