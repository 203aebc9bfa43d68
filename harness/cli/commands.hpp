// SPDX-License-Identifier: Apache-2.0
// The table of commands. Each stands in a file of its name: its options as a struct, a function
// that declares them, a function that carries them out, and the entry below.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <base/error.hpp>

#include "cli/arguments.hpp"
#include "cli/console.hpp"

namespace mneme::cli {

// Carries out a command whose options are known, or throws.
using Action = std::function<base::ExitCode(const Console&, const std::string& command_line)>;

struct Command {
    std::string name, summary;
    std::function<Action(Arguments&)> declare; // its options; the action refers to their values
};

template <class Options>
Command command(const std::string& name, const std::string& summary,
                void (*declare)(Arguments&, Options&),
                base::ExitCode (*act)(const Options&, const Console&,
                                      const std::string& command_line)) {
    return {name, summary, [=](Arguments& arguments) -> Action {
                const auto options = std::make_shared<Options>();
                declare(arguments, *options);
                return [=](const Console& console, const std::string& command_line) {
                    return act(*options, console, command_line);
                };
            }};
}

Command run_command();
Command plan_command();
Command cell_command();
Command submit_command();
Command status_command();
Command collect_command();
Command list_command();
Command describe_command();
Command leaderboard_command();
Command compare_command();
Command show_command();
Command export_command();
Command report_command();
Command geometry_command();
Command metrics_command();
Command validate_command();
Command import_command();
Command data_command();
Command new_plugin_command();
Command check_command();
Command doctor_command();
Command completion_command();

std::vector<Command> commands(); // in the order of the help

} // namespace mneme::cli
