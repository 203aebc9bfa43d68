// SPDX-License-Identifier: Apache-2.0
// Fewer examples than there are. Private to this room.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "task_examples.hpp"

namespace mneme::bench {

// The first `limit` of the rows (0: all). Of rows that are sorted by class, the first of each
// class, whose share of the limit is that of its rows, one at least. Throws std::runtime_error,
// which `task` begins, where the limit of such rows is below the number of classes.
std::vector<int64_t> limited_rows(const Labels&, std::vector<int64_t> rows, int64_t limit,
                                  const std::string& task);

} // namespace mneme::bench
