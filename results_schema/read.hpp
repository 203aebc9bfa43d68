// SPDX-License-Identifier: Apache-2.0
// What reader and validator share.
#pragma once

#include <string>
#include <vector>

#include "hdf5_input.hpp"
#include "layout.hpp"

namespace mneme::results {

// Refuses another kind of file, a higher major, and one that was not completed.
void require_ours(const Input&);

// Root groups that are benchmarks; others are ignored.
std::vector<std::string> benchmarks(const Input&);

// Facts only; what is derived is computed again. Throws when names or shapes do not fit together.
Block read_block(const Input&, const std::string& benchmark);

} // namespace mneme::results
