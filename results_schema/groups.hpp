// SPDX-License-Identifier: Apache-2.0
// Which blocks of several files are one benchmark of the merged file.
#pragma once

#include <string>
#include <vector>

#include <results/results.hpp>

#include "variants.hpp"

namespace mneme::results {

struct Group { // the parts of one benchmark under one limit
    std::string name, suffix;
    std::vector<Part> parts;
};

// In the order found.
std::vector<Group> groups_of(const std::vector<File>& files,
                             const std::vector<std::string>& sources);

} // namespace mneme::results
