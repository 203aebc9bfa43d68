// SPDX-License-Identifier: Apache-2.0
// Sentences for people: parts joined into one string, doubles in the shortest form that reads back
// exactly.
#pragma once

#include <charconv>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

namespace mneme::results {

template <class T> void append(std::ostringstream& out, const T& part) {
    if constexpr (std::is_floating_point_v<T>) {
        char digits[32];
        out.write(digits, std::to_chars(digits, digits + sizeof digits, part).ptr - digits);
    } else {
        out << part;
    }
}

template <class... Parts> std::string say(const Parts&... parts) {
    std::ostringstream out;
    (append(out, parts), ...);
    return out.str();
}

inline std::string show(const std::vector<std::size_t>& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text.append(i ? "," : "").append(std::to_string(shape[i]));
    return text.append("]");
}

} // namespace mneme::results
