// SPDX-License-Identifier: Apache-2.0
// A message from its parts, without a format string.
#pragma once

#include <sstream>
#include <string>
#include <type_traits>

#include <base/text.hpp>

namespace mneme::base {

// The parts, one after another; a floating-point number as its shortest decimal that reads back
// exactly.
template <class... Parts> std::string concat(const Parts&... parts) {
    std::ostringstream out;
    const auto append = [&out](const auto& part) {
        if constexpr (std::is_floating_point_v<std::decay_t<decltype(part)>>) out << number(part);
        else out << part;
    };
    (append(parts), ...);
    return out.str();
}

} // namespace mneme::base
