// SPDX-License-Identifier: Apache-2.0
// From the command line to what is to be done.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/completion.hpp"

namespace mneme::cli {

struct Parsed {
    Action action;
    bool quiet = false;
    std::optional<base::ExitCode>
        exit; // set when nothing is left to do: help was printed, or the usage is
              // wrong
};

// Prints help, version and usage errors itself.
Parsed parse(int argc, char** argv);

// The commands as completion scripts need them.
std::vector<CompletedCommand> completed_commands();

} // namespace mneme::cli
