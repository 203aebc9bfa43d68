// SPDX-License-Identifier: Apache-2.0
// What a file says of itself, without running any of it.
#pragma once

#include <filesystem>
#include <string>

#include "loader/loader.hpp"

namespace mneme::loader {

struct Examined {
    Plugin plugin;
    std::string bytes;
    std::filesystem::path resolved; // without links
};

// Ownership, content, allow-list, ELF, note: refuses with the Fault of the first step that fails.
Examined examine(const std::filesystem::path& file, const std::filesystem::path& folder,
                 const Options&);

// The steps after the file has been read.
Plugin judge_bytes(const std::filesystem::path& file, const std::string& bytes, const Options&);

} // namespace mneme::loader
