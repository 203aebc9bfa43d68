// SPDX-License-Identifier: Apache-2.0
#include "cli/shell.hpp"

namespace mneme::cli {

std::string command_line(int argc, char** argv) {
    std::string out;
    for (int i = 0; i < argc; ++i) out += (i ? " " : "") + shell_word(argv[i]);
    return out;
}

} // namespace mneme::cli
