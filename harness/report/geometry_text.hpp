// SPDX-License-Identifier: Apache-2.0
// Barriers between minima for the terminal.
#pragma once

#include <string>

#include <results/block.hpp>

namespace mneme::report {

// For each benchmark with lines and each method: a row for each pair of minima, its largest barrier
// over the tasks that the later end has learned, before and after matching, their distance and the
// CKA of their features, mean over seeds. Empty: no lines.
std::string geometry_text(const results::File&, const std::string& method = {});

// How many tasks the later end of a line has learned.
std::size_t tasks_known(const results::Block&, std::size_t pair);

// "task 2 to 3", "task 1 to joint", "task 1, 2 seeds".
std::string pair_name(const results::Block&, std::size_t pair);

} // namespace mneme::report
