// SPDX-License-Identifier: Apache-2.0
// Faults in the recorded numbers themselves, whatever file they stand in.
#pragma once

#include <string>
#include <vector>

#include <results/block.hpp>

namespace mneme::results {

// The block's shapes must fit together. Each sentence begins with `file`.
std::vector<std::string> range_faults(const std::string& file, const Block&);

} // namespace mneme::results
