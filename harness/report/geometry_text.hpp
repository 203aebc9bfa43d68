// SPDX-License-Identifier: Apache-2.0
// Barriers between minima for the terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <results/block.hpp>

namespace mneme::report {

// For each benchmark with lines and each method: a row for each pair of minima, its largest barrier
// over the tasks that the later end has learned, before and after matching, their distance and the
// CKA of their features, mean over seeds. Empty: no lines.
std::string geometry_text(const results::File&, const std::string& method = {});

// Minima are numbered by their task from 1; 0 is that of all tasks together.
std::size_t tasks_learned(const results::Block&, std::int32_t minimum);
std::string minimum_name(std::int32_t minimum); // "3", "joint"

// At each point of a line, for one run and task.
std::vector<double> loss_on_line(const results::Block&, const results::Array<double>& loss,
                                 std::size_t method, std::size_t seed, std::size_t pair,
                                 std::size_t task);

// "task 2 to 3", "task 1 to joint", "task 1, 2 seeds".
std::string pair_name(const results::Block&, std::size_t pair);

} // namespace mneme::report
