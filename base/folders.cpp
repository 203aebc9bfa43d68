// SPDX-License-Identifier: Apache-2.0
#include <base/folders.hpp>

#include <base/system.hpp>

namespace mneme::base {

namespace fs = std::filesystem;

namespace {

fs::path home_folder(const char* variable, const char* below_home) {
    const fs::path set = environment(variable);
    return set.is_absolute() ? set : fs::path(environment("HOME")) / below_home;
}

} // namespace

fs::path cache_home() { return home_folder("XDG_CACHE_HOME", ".cache"); }
fs::path data_home() { return home_folder("XDG_DATA_HOME", ".local/share"); }
fs::path cache_folder() { return cache_home() / "mneme"; }
fs::path program_folder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

} // namespace mneme::base
