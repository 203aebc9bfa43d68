// SPDX-License-Identifier: Apache-2.0
// The methods in the plugin folders, as their notes tell; nothing is loaded.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/options.hpp"

namespace mneme::cli {

struct Method {
    std::string id, version, summary, paper;
    std::vector<std::string> flags;
    std::filesystem::path path;
    std::string sha256, note;
};

struct RefusedFile {
    std::filesystem::path path;
    std::string reason;
};

struct Methods {
    std::vector<std::string> folders; // looked in
    std::vector<Method> found;        // by id; of two with one id the earlier folder's
    std::vector<RefusedFile> refused;
    std::vector<std::string> warnings; // "... is hidden by ..."
};

Methods find_methods(const Options&);

} // namespace mneme::cli
