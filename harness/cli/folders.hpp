// SPDX-License-Identifier: Apache-2.0
// Where things are (docs/operations.md). Folders come in order of search; they need not exist.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/options.hpp"

namespace mneme::cli {

std::filesystem::path program_folder();

struct PluginFolder {
    std::filesystem::path path;
    std::string origin; // --plugins, MNEME_PLUGIN_PATH, yours, shipped
};
std::vector<PluginFolder> plugin_folders(const PluginOptions&);
Paths data_folders(const DataOptions&); // a data set knows the distribution's folder for it itself
Paths benchmark_folders(const DataOptions&);
std::filesystem::path template_folder(); // of new-plugin
std::filesystem::path package_folder();  // of MnemeConfig.cmake
std::filesystem::path cache_folder();    // ${XDG_CACHE_HOME:-~/.cache}/mneme

std::filesystem::path worker_program(); // MNEME_WORKER, or beside this program

// LibTorch for the worker's library path, in the order --torch, MNEME_TORCH, the recorded path,
// Python's. Empty in a build tree, where the worker knows it. Throws mneme::Error (65) when there
// is none or it is of another version.
std::filesystem::path torch_library_folder(const std::filesystem::path& torch);

// The version that a LibTorch folder holds, or empty.
std::string torch_version(const std::filesystem::path&);

} // namespace mneme::cli
