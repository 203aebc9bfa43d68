// SPDX-License-Identifier: Apache-2.0
#include "cli/methods.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

#include <base/error.hpp>
#include "cli/folders.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;

bool is_digest(const std::string& word) {
    return word.size() == 64 && word.find_first_not_of("0123456789abcdef") == word.npos;
}

// Lines "<SHA-256>  <name>", as sha256sum prints them; the name is for the reader. # begins a
// comment.
std::set<std::string> allow_list(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in)
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("--locked {}: cannot be read; give a list as sha256sum prints it",
                        file.string()));
    std::set<std::string> allowed;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        line = line.substr(0, line.find('#'));
        const std::string word = line.substr(0, line.find_first_of(" \t\r"));
        if (line.find_first_not_of(" \t\r") == line.npos) continue;
        if (!is_digest(word))
            throw base::ExitError(
                ExitCode::bad_input,
                fmt::format("{}:{}: \"{}\" is not a SHA-256; expected 64 hex digits in lower case",
                            file.string(), number, word));
        allowed.insert(word);
    }
    return allowed;
}

} // namespace

loader::Options trust_of(const std::filesystem::path& locked) {
    loader::Options trust;
    trust.locked = !locked.empty();
    if (trust.locked) trust.allowed = allow_list(locked);
    return trust;
}

const RefusedFile* Methods::in_the_way(const std::string& id) const {
    const auto taken = std::find_if(found.begin(), found.end(),
                                    [&](const Method& method) { return method.id == id; });
    for (const RefusedFile& file : refused)
        if (file.path.stem() == id && (taken == found.end() || file.folder < taken->folder))
            return &file;
    return nullptr;
}

Methods find_methods(const PluginOptions& options) {
    const auto folders = plugin_folders(options);
    Paths paths;
    for (const auto& folder : folders) paths.push_back(folder.path);
    const loader::Found scanned = loader::scan(paths, trust_of(options.locked));
    const auto folder_of = [&](const std::filesystem::path& file) {
        const auto found = std::find_if(paths.begin(), paths.end(), [&](const auto& path) {
            return file.parent_path() == (path / "x").parent_path();
        });
        return static_cast<std::size_t>(found - paths.begin());
    };
    Methods methods;
    for (const auto& folder : paths) methods.folders.push_back(folder.string());
    for (const loader::Plugin& plugin : scanned.plugins)
        for (const loader::Method& method : plugin.methods) {
            const auto folder = folder_of(plugin.path);
            methods.found.push_back(
                {method.id, method.version, method.summary, method.paper,
                 fmt::format("{}.{}", plugin.note.sdk_major, plugin.note.sdk_minor),
                 folders.at(folder).origin, loader::flag_names(method.flags), plugin.path,
                 plugin.sha256, plugin.note.text, folder});
        }
    std::sort(methods.found.begin(), methods.found.end(),
              [](const Method& a, const Method& b) { return a.id < b.id; });
    for (const loader::Refusal& refusal : scanned.refused)
        methods.refused.push_back({refusal.path, folder_of(refusal.path), refusal.message});
    methods.warnings = scanned.warnings;
    if (const char* set = std::getenv("MNEME_PLUGIN_PATH");
        set && *set && !options.from_environment)
        methods.warnings.push_back(
            "MNEME_PLUGIN_PATH is set, and not searched; --plugins-from-env asks for it");
    return methods;
}

} // namespace mneme::cli
