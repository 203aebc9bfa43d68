// SPDX-License-Identifier: Apache-2.0
#include "cli/failure.hpp"
#include "cli/parse.hpp"
#include "cli/shell.hpp"

int main(int argc, char** argv) {
    const mneme::cli::Parsed parsed = mneme::cli::parse(argc, argv);
    if (parsed.exit) return *parsed.exit;
    const mneme::cli::Console console(parsed.quiet);
    try {
        return parsed.action(console, mneme::cli::command_line(argc, argv));
    } catch (...) {
        return mneme::cli::report_failure(console);
    }
}
