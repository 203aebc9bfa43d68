// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"
#include "cli/failure.hpp"

int main(int argc, char** argv) {
    const mneme::cli::Parsed parsed = mneme::cli::parse(argc, argv);
    if (parsed.exit) return *parsed.exit;
    const mneme::cli::Console console(parsed.options.quiet);
    try {
        return mneme::cli::dispatch(parsed.options, console, mneme::cli::command_line(argc, argv));
    } catch (...) {
        return mneme::cli::report_failure(console);
    }
}
