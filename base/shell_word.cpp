// SPDX-License-Identifier: Apache-2.0
#include <base/shell_word.hpp>

namespace mneme::base {

std::string shell_word(const std::string& word) {
    if (!word.empty() &&
        word.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-") ==
            std::string::npos)
        return word;
    std::string quoted = "'";
    for (char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
    return quoted + "'";
}

} // namespace mneme::base
