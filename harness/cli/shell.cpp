// SPDX-License-Identifier: Apache-2.0
#include "cli/shell.hpp"

namespace mneme::cli {

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

std::string command_line(int argc, char** argv) {
    std::string out;
    for (int i = 0; i < argc; ++i) out += (i ? " " : "") + shell_word(argv[i]);
    return out;
}

} // namespace mneme::cli
