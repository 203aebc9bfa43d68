// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.hpp"

#include <iostream>
#include <map>

#include <CLI/CLI.hpp>

#include "cli/exit_code.hpp"
#include "cli/version.hpp"

namespace mneme::cli {
namespace {

const char* const footer =
    "Exit codes: 0 done, 1 some runs failed (check, doctor: a fault), 64 usage, 65 bad config, "
    "data or file, 69 plugin refused,\n"
    "70 a fault of mneme or a worker that died, 75 temporary: try again, 130 interrupted.";

// The actions of the commands, by name.
std::map<std::string, Action> declare_all(CLI::App& app) {
    std::map<std::string, Action> actions;
    for (const Command& command : commands()) {
        Arguments arguments(*app.add_subcommand(command.name, command.summary));
        actions[command.name] = command.declare(arguments);
    }
    return actions;
}

} // namespace

template <class T>
CLI::Option* Arguments::add(const std::string& names, T& to, const Value& value) {
    CLI::Option* option = app_.add_option(names, to, value.help)->type_name(value.type);
    if (value.required) option->required();
    if (!value.choices.empty()) option->check(CLI::IsMember(value.choices).description(""));
    return option;
}

template <class T> void Arguments::add_list(const std::string& names, T& to, const Value& value) {
    CLI::Option* option = add(names, to, value);
    if (!option->get_positional()) option->allow_extra_args(false);
}

void Arguments::flag(const std::string& names, bool& to, const std::string& help) {
    app_.add_flag(names, to, help);
}

void Arguments::value(const std::string& names, std::string& to, const Value& value) {
    add(names, to, value);
}

void Arguments::value(const std::string& names, std::filesystem::path& to, const Value& value) {
    add(names, to, value);
}

void Arguments::value(const std::string& names, std::int64_t& to, const Value& value) {
    const std::int64_t least = value.least;
    add(names, to, value)
        ->check(CLI::Range(least, std::numeric_limits<std::int64_t>::max()).description(""));
}

void Arguments::values(const std::string& names, std::vector<std::string>& to, const Value& value) {
    add_list(names, to, value);
}

void Arguments::values(const std::string& names, Paths& to, const Value& value) {
    add_list(names, to, value);
}

Parsed parse(int argc, char** argv) {
    Parsed parsed;
    CLI::App app("Mneme: a benchmark harness for continual learning", "mneme");
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(footer);
    app.set_version_flag("--version", std::string("mneme ") + version);
    app.add_flag("-q,--quiet", parsed.quiet, "print results and faults only");
    auto actions = declare_all(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == int(CLI::ExitCodes::Success))
            parsed.exit = app.exit(error, std::cout, std::cerr); // help and version
        else {
            std::cerr << "mneme: " << error.what()
                      << "; see `mneme --help`, or `mneme COMMAND --help`\n";
            parsed.exit = usage;
        }
        return parsed;
    }
    parsed.action = actions.at(app.get_subcommands().front()->get_name());
    return parsed;
}

std::vector<CompletedCommand> completed_commands() {
    CLI::App app;
    const auto actions = declare_all(app); // the options refer to their values
    std::vector<CompletedCommand> out;
    for (const CLI::App* command : app.get_subcommands({})) {
        CompletedCommand one{command->get_name(), {}};
        for (const CLI::Option* option : command->get_options())
            for (const std::string& name : option->get_lnames()) one.options.push_back("--" + name);
        out.push_back(one);
    }
    return out;
}

} // namespace mneme::cli
