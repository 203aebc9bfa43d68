// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"

#include <stdexcept>

namespace mneme::cli {

int dispatch(const Options& options, const Console& console, const std::string& command_line) {
    if (options.command == "run") return run(options, console, command_line);
    if (options.command == "plan") return plan(options, console, command_line);
    if (options.command == "cell") return cell(options, console);
    if (options.command == "status") return status(options, console);
    if (options.command == "collect") return collect(options, console);
    if (options.command == "list") return list(options, console);
    if (options.command == "describe") return describe(options, console);
    if (options.command == "leaderboard") return leaderboard(options, console);
    if (options.command == "new-plugin") return new_plugin(options, console);
    if (options.command == "check") return check(options, console);
    if (options.command == "validate") return validate(options, console);
    if (options.command == "data") return data(options, console);
    if (options.command == "doctor") return doctor(options, console);
    throw std::logic_error("a command without a function: " + options.command);
}

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
