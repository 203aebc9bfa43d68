// SPDX-License-Identifier: Apache-2.0
// mneme new-plugin: a folder with a method that compiles and runs. The templates (sdk/template) are
// a real method by the name of my_method; it gets the name that was asked for.
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <base/folders.hpp>

#include <base/error.hpp>
#include "cli/commands.hpp"
#include "cli/folders.hpp"
#include "cli/methods.hpp"
#include "cli/options.hpp"
#include "cli/shell.hpp"
#include "scheduler/version.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using base::ExitCode;
using scheduler::version;

struct NewPluginOptions {
    std::string name;
    fs::path output;
};

void declare(Arguments& arguments, NewPluginOptions& to) {
    arguments.value("name", to.name,
                    {"NAME", "of the method: lower-case letters, digits, _", true});
    arguments.value("-o,--output", to.output, {"DIR", "where the folder is made (default: here)"});
}

constexpr std::size_t longest_name = 40;

// CMake has targets of these names; the class Learner is the SDK's.
const std::set<std::string> taken{"learner",    "all",           "clean",   "depend",
                                  "edit_cache", "help",          "install", "package",
                                  "preinstall", "rebuild_cache", "test"};

void check_name(const std::string& name, const PluginOptions& plugins) {
    const auto fits = [](unsigned char c) {
        return std::islower(c) || std::isdigit(c) || c == '_';
    };
    if (name.size() > longest_name || !std::all_of(name.begin(), name.end(), fits) ||
        name.empty() || !std::islower(static_cast<unsigned char>(name[0])))
        throw base::ExitError(
            ExitCode::usage,
            fmt::format(
                "new-plugin: \"{}\" cannot be the name of a plugin; use a letter and at most {} "
                "more letters, digits or _, in lower case",
                name, longest_name - 1));
    if (taken.count(name) > 0)
        throw base::ExitError(
            ExitCode::usage,
            fmt::format("new-plugin: CMake or the SDK has a {} of its own; choose another name",
                        name));
    for (const Method& method : find_methods(plugins).found)
        if (method.id == name)
            throw base::ExitError(
                ExitCode::usage,
                fmt::format("new-plugin: there is a method {} already ({}); choose another name",
                            name, method.path.string()));
}

// my_method -> MyMethod
std::string class_name(const std::string& name) {
    std::string out;
    bool up = true;
    for (char c : name) {
        if (c != '_') out += up ? char(std::toupper(static_cast<unsigned char>(c))) : c;
        up = c == '_';
    }
    return out;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
        text.replace(at, what.size(), with);
    return text;
}

// Without the line of our licence: what the author makes of it is the author's.
std::string read(const fs::path& file) {
    std::ifstream in(file);
    std::ostringstream out;
    if (!(out << in.rdbuf()))
        throw base::ExitError(
            ExitCode::internal,
            fmt::format("{}: cannot be read; install mneme again", file.string()));
    const std::string text = out.str(), first = text.substr(0, text.find('\n') + 1);
    return first.find("SPDX-License-Identifier") == std::string::npos ? text
                                                                      : text.substr(first.size());
}

void write(const fs::path& file, const std::string& text) {
    if (!(std::ofstream(file) << text << std::flush))
        throw std::system_error(errno, std::generic_category(), file.string());
}

ExitCode new_plugin(const NewPluginOptions& options, const Console& console, const std::string&) {
    const std::string& name = options.name;
    check_name(name, {});
    const fs::path folder = (fs::current_path() / options.output / name).lexically_normal();
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(folder, ignored)))
        throw base::ExitError(ExitCode::bad_input,
                              fmt::format("{}: exists already; choose another name, or give -o DIR",
                                          folder.string()));
    fs::create_directories(folder);
    const std::string program = shell_word(base::program_folder() / "mneme"),
                      package = shell_word(package_folder());
    const std::vector<std::pair<std::string, std::string>> files{
        {"my_method.cpp", name + ".cpp"},
        {"CMakeLists.txt.in", "CMakeLists.txt"},
        {"suite.toml", "suite.toml"},
        {"README.md", "README.md"}};
    for (const auto& [from, to] : files) {
        std::string text = replaced(replaced(read(template_folder() / from), "my_method", name),
                                    "MyMethod", class_name(name));
        text = replaced(replaced(replaced(text, "@MNEME_DIR@", package), "@MNEME@", program),
                        "@VERSION@", version);
        write(folder / to, text);
    }
    console.say(
        fmt::format("{}: a method that compiles and runs; README.md has the next four commands",
                    folder.string()));
    return ExitCode::done;
}

} // namespace

Command new_plugin_command() {
    return command("new-plugin", "make a folder with a method that compiles and runs", declare,
                   new_plugin);
}

} // namespace mneme::cli
