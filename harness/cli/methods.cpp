// SPDX-License-Identifier: Apache-2.0
#include "cli/methods.hpp"

#include <algorithm>

#include <loader/loader.hpp>

#include "cli/folders.hpp"

namespace mneme::cli {

Methods find_methods(const Options& options) {
    const Paths folders = plugin_folders(options);
    const loader::Found scanned = loader::scan(folders);
    Methods methods;
    for (const auto& folder : folders) methods.folders.push_back(folder.string());
    for (const loader::Plugin& plugin : scanned.plugins)
        for (const loader::Method& method : plugin.methods)
            methods.found.push_back({method.id, method.version, method.summary, method.paper, loader::flag_names(method.flags), plugin.path,
                                     plugin.sha256, plugin.note.text});
    std::sort(methods.found.begin(), methods.found.end(), [](const Method& a, const Method& b) { return a.id < b.id; });
    for (const loader::Refusal& refusal : scanned.refused) methods.refused.push_back({refusal.path, refusal.message});
    methods.warnings = scanned.warnings;
    return methods;
}

} // namespace mneme::cli
