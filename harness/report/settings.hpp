// SPDX-License-Identifier: Apache-2.0
// What the methods of a file were set to, and where they differ.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <results/block.hpp>

#include "report/markup.hpp"

namespace mneme::report {

// Keys of [train] begin with "train."; values are as the file has them, without quotes.
using Settings = std::map<std::string, std::string>;
Settings settings_of(const results::Block&, const std::string& method);

// Keys that methods of one plugin set to different values: what a suite's grid went over. Sorted.
std::vector<std::string> grid_keys(const results::File&);

std::string provenance_of(const results::Block&, const std::string& method,
                          const std::string& key); // empty: unknown

Markup settings_section(const results::Block&);
Markup provenance_section(const results::Block&);

} // namespace mneme::report
