// SPDX-License-Identifier: Apache-2.0
// Folders of the user, by the XDG rules: a relative $XDG_... is ignored. They need not exist.
#pragma once

#include <filesystem>

namespace mneme::base {

std::filesystem::path cache_home();   // ${XDG_CACHE_HOME:-~/.cache}
std::filesystem::path data_home();    // ${XDG_DATA_HOME:-~/.local/share}
std::filesystem::path cache_folder(); // cache_home()/mneme

// The folder of the running program's file.
std::filesystem::path program_folder();

} // namespace mneme::base
