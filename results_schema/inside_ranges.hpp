// SPDX-License-Identifier: Apache-2.0
// Whether what lies between the rows of the accuracy matrix can be: evaluations while tasks are
// trained, confidences, predictions, weights.
#pragma once

#include <string>
#include <vector>

#include "layout.hpp"

namespace mneme::results {

// A sentence about the first fault of each array. `base` begins it: the file and its group.
std::vector<std::string> inside_faults(const std::string& base, const Block&);

} // namespace mneme::results
