// SPDX-License-Identifier: Apache-2.0
// Where a built-in data set is to be had. Private to this room.
#pragma once

#include <string>
#include <vector>

#include <benchmarks/dataset.hpp>

namespace mneme::bench {

// Several of one path are alternatives, in the order in which they are asked. None: no official
// source gives these files.
std::vector<Source> sources_of(const std::string& name);

} // namespace mneme::bench
