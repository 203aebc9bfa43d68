// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "cli/failure.hpp"
#include "cli/parse.hpp"
#include "cli/shell.hpp"
#include "supervisor/signals.hpp"

namespace mneme {
namespace {

// Known before the options are read, which takes time in which a signal can come too.
bool trains_cells(int argc, char** argv) {
    const auto command = std::find_if(argv + std::min(argc, 1), argv + argc,
                                      [](const char* word) { return *word != '-'; });
    return command != argv + argc && std::string_view(*command) == "cell";
}

int run(int argc, char** argv) {
    if (trains_cells(argc, argv))
        supervisor::treat_terminate_as_temporary(); // a cell is requeued, whoever stopped it
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

} // namespace
} // namespace mneme

// Ends without the destructors of libraries: nothing is left to do, and where AddressSanitizer is
// loaded first (docs/debugging.md) that of libp11-kit, which comes with libcurl, never ends. Its
// constructor allocates while it holds glibc's lock of locales; the sanitizer, which starts with
// the first allocation, asks for a translated message within it and leaves the lock damaged.
int main(int argc, char** argv) {
    const int code = mneme::run(argc, argv);
    std::cout.flush();
    std::fflush(nullptr);
    std::quick_exit(code);
}
