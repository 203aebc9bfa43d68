// SPDX-License-Identifier: Apache-2.0
#include "cli/failure.hpp"
#include "cli/parse.hpp"
#include "cli/shell.hpp"
#include "supervisor/signals.hpp"

int main(int argc, char** argv) {
    using namespace mneme;
    supervisor::prepare_process();
    const cli::Parsed parsed = cli::parse(argc, argv);
    if (parsed.exit) return int(*parsed.exit);
    const cli::Console console(parsed.quiet);
    try {
        return int(parsed.action(console, cli::command_line(argc, argv)));
    } catch (...) {
        return int(cli::report_failure(console));
    }
}
