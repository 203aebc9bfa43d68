// SPDX-License-Identifier: Apache-2.0
// Where real data sets may lie, as for the programs. Fashion-MNIST's own folder needs no mention.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace mneme::test {

inline std::vector<std::filesystem::path> data_folders() {
    std::vector<std::filesystem::path> folders;
    if (const char* given = std::getenv("MNEME_DATA")) folders.push_back(given);
    const char *cache = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
    if (cache && *cache) folders.push_back(std::filesystem::path(cache) / "mneme-data");
    else if (home) folders.push_back(std::filesystem::path(home) / ".cache" / "mneme-data");
    return folders;
}

} // namespace mneme::test
