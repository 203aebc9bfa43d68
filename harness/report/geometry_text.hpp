// SPDX-License-Identifier: Apache-2.0
// Barriers between minima for the terminal.
#pragma once

#include <string>

#include <results/block.hpp>

namespace mneme::report {

// For each benchmark with lines and each method: a row for each pair of minima, its largest barrier
// over the tasks that both ends know, before and after matching, mean over seeds. Empty: no lines.
std::string geometry_text(const results::File&, const std::string& method = {});

// "task 2 to 3", "task 1 to joint".
std::string pair_name(const results::Block&, std::size_t pair);

} // namespace mneme::report
