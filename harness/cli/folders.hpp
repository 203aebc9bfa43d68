// SPDX-License-Identifier: Apache-2.0
// Where things are (docs/operations.md). Folders come in order of search; they need not exist.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "supervisor/worker_program.hpp"

namespace mneme::cli {

struct PluginFolder {
    std::filesystem::path path;
    std::string origin; // --plugins, MNEME_PLUGIN_PATH, yours, shipped
};
std::vector<PluginFolder> plugin_folders(const PluginOptions&);
Paths data_folders(const DataOptions&); // a data set knows the distribution's folder for it itself
Paths benchmark_folders(const DataOptions&);
std::filesystem::path template_folder(); // of new-plugin
std::filesystem::path package_folder();  // of MnemeConfig.cmake

// MNEME_WORKER, or beside this program; with LibTorch for its library path, in the order --torch,
// MNEME_TORCH, the recorded path, Python's. Throws ExitError (bad_input) when there is none or it
// is of another version.
supervisor::WorkerProgram worker_program(const std::filesystem::path& torch);

// A suite that is named: a file, or the name of one that is shipped.
std::filesystem::path suite_file(const std::filesystem::path& named);

// The version that a LibTorch folder holds, or empty.
std::string torch_version(const std::filesystem::path&);

} // namespace mneme::cli
