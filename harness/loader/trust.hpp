// SPDX-License-Identifier: Apache-2.0
// Is a file, with every folder on its path, safe from other users' hands? And its bytes, read once
// from what was judged.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "loader/loader.hpp"

namespace mneme::loader {

struct Bytes {
    std::string data;                  // of the file
    std::filesystem::path resolved;    // no links in it
    std::vector<std::string> warnings; // what is writable by its group
};

// Walks the path from the root, judging every folder and link that is met, then the open file
// itself. What is hashed, read and stored afterwards are these bytes, so that nothing can change in
// between. Refuses; the message names `file`.
Bytes read_trusted(const std::filesystem::path& file, const std::filesystem::path& folder,
                   bool locked);

// What is wrong with a folder or one above it, or nothing. Group-writable is not wrong here.
std::optional<std::string> distrust(const std::filesystem::path& folder);

} // namespace mneme::loader
