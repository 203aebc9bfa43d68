// SPDX-License-Identifier: Apache-2.0
// The methods in the plugin folders, as their notes tell; nothing is loaded.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <loader/loader.hpp>

#include "cli/options.hpp"

namespace mneme::cli {

inline constexpr const char* shipped = "shipped"; // origin of the methods that come with Mneme

struct Method {
    std::string id, version, summary, paper;
    std::string sdk;    // that it was built with
    std::string origin; // the kind of folder that it was found in: --plugins, MNEME_PLUGIN_PATH,
                        // yours, shipped
    std::vector<std::string> flags;
    std::filesystem::path path;
    std::string sha256, note;
    std::size_t folder = 0; // of Methods::folders
};

struct RefusedFile {
    std::filesystem::path path;
    std::size_t folder; // of Methods::folders
    std::string reason;
};

struct Methods {
    std::vector<std::string> folders; // looked in
    std::vector<Method> found;        // by id; of two with one id the earlier folder's
    std::vector<RefusedFile> refused;
    std::vector<std::string> warnings; // "... is hidden by ..."

    // A refused file named after the method that is found before the one that could be taken:
    // whoever put it there means it, and must not get another one unasked. Null: none is in the
    // way.
    const RefusedFile* in_the_way(const std::string& id) const;
};

Methods find_methods(const PluginOptions&);

// What --locked asks for. Throws base::ExitError (bad_input) where the list cannot be used.
loader::Options trust_of(const std::filesystem::path& locked);

} // namespace mneme::cli
