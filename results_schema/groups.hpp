// SPDX-License-Identifier: Apache-2.0
// Which blocks of several files are one benchmark of the merged file.
#pragma once

#include <compare>
#include <string>

#include <results/block.hpp>

namespace mneme::results {

struct Group { // one benchmark under one limit
    std::string name, suffix;
    friend auto operator<=>(const Group&, const Group&) = default;
};

Group group_of(const Block&);

} // namespace mneme::results
