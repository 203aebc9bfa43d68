// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.hpp"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <base/text.hpp>

#include <CLI/CLI.hpp>

#include <base/error.hpp>
#include "scheduler/version.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;
using scheduler::version;

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

void Arguments::note(const std::string& names, const Value& value, bool takes_value) {
    Declared one{{}, value.help, value.choices, value.suggested_by, takes_value};
    if (one.words.empty()) one.words = value.suggestions;
    std::istringstream in(names);
    for (std::string name; std::getline(in, name, ',');)
        if (name[0] == '-') one.names.push_back(name);
    declared_.push_back(std::move(one));
}

template <class T>
CLI::Option* Arguments::add(const std::string& names, T& to, const Value& value) {
    note(names, value, true);
    CLI::Option* option = app_.add_option(names, to, value.help)->type_name(value.type);
    // An empty value is not the option left out: it would switch off what was asked for.
    option->check(CLI::Validator(
        [](const std::string& text) {
            return text.empty() ? std::string(
                                      "the value is empty; leave the option out, or give a "
                                      "value")
                                : std::string();
        },
        ""));
    if (value.required) option->required();
    if (!value.choices.empty()) option->check(CLI::IsMember(value.choices).description(""));
    return option;
}

template <class T> void Arguments::add_list(const std::string& names, T& to, const Value& value) {
    CLI::Option* option = add(names, to, value);
    if (!option->get_positional()) option->allow_extra_args(false);
}

void Arguments::flag(const std::string& names, bool& to, const std::string& help) {
    note(names, {.type = {}, .help = help}, false);
    app_.add_flag(names, to, help);
}

void Arguments::value(const std::string& names, std::string& to, const Value& value) {
    add(names, to, value);
}

void Arguments::value(const std::string& names, std::filesystem::path& to, const Value& value) {
    add(names, to, value);
}

void Arguments::value(const std::string& names, std::int64_t& to, const Value& value) {
    add(names, to, value)
        ->check(CLI::Validator(
            [least = value.least](const std::string& text) {
                std::int64_t number = 0;
                const auto [end, fault] =
                    std::from_chars(text.data(), text.data() + text.size(), number);
                return fault == std::errc() && end == text.data() + text.size() && number >= least
                           ? std::string()
                           : fmt::format("{} is not an integer from {} on", base::in_quotes(text),
                                         least);
            },
            ""));
}

void Arguments::values(const std::string& names, std::vector<std::string>& to, const Value& value) {
    add_list(names, to, value);
}

void Arguments::values(const std::string& names, Paths& to, const Value& value) {
    add_list(names, to, value);
}

namespace {

// `mneme help`, `mneme help run` and `mneme version` are what people try first.
std::vector<std::string> words_of(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    if (words.empty()) return words;
    if (words[0] == "version") words[0] = "--version";
    if (words[0] == "help") {
        words.erase(words.begin());
        words.push_back("--help");
    }
    return words;
}

// Empty, or why the first word is not a command.
std::string unknown_command(const std::vector<std::string>& words) {
    const auto first = std::find_if(words.begin(), words.end(),
                                    [](const std::string& word) { return word[0] != '-'; });
    if (first == words.end()) return {};
    std::vector<std::string> names;
    for (const Command& command : commands()) names.push_back(command.name);
    if (std::find(names.begin(), names.end(), *first) != names.end()) return {};
    const std::string near = base::nearest(*first, names);
    return fmt::format("{} is not a command; {}", base::in_quotes(*first),
                       near.empty() ? "the commands are " + base::joined(names)
                                    : fmt::format("did you mean \"{}\"?", near));
}

ExitCode refuse_usage(const std::string& why) {
    std::cerr << "mneme: " << base::one_line(why)
              << "; see `mneme --help`, or `mneme COMMAND --help`\n";
    return ExitCode::usage;
}

} // namespace

Parsed parse(int argc, char** argv) {
    Parsed parsed;
    std::vector<std::string> words = words_of(argc, argv);
    if (const std::string why = unknown_command(words); !why.empty()) {
        parsed.exit = refuse_usage(why);
        return parsed;
    }
    CLI::App app("Mneme: a benchmark harness for continual learning", "mneme");
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(footer);
    app.set_version_flag("--version", std::string("mneme ") + version);
    app.add_flag("-q,--quiet", parsed.quiet, "print results and faults only");
    auto actions = declare_all(app);
    try {
        std::reverse(words.begin(), words.end()); // as the library wants them
        app.parse(words);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == int(CLI::ExitCodes::Success))
            parsed.exit =
                base::exit_code_from(app.exit(error, std::cout, std::cerr)); // help, version
        else parsed.exit = refuse_usage(error.what());
        return parsed;
    }
    parsed.action = actions.at(app.get_subcommands().front()->get_name());
    return parsed;
}

std::vector<CompletedCommand> completed_commands() {
    CLI::App app;
    std::vector<CompletedCommand> out;
    for (const Command& command : commands()) {
        Arguments arguments(*app.add_subcommand(command.name, command.summary));
        command.declare(arguments);
        out.push_back({command.name, command.summary, arguments.declared()});
    }
    return out;
}

} // namespace mneme::cli
