// SPDX-License-Identifier: Apache-2.0
// The table that a plugin's entry gives, checked and brought to this host's size.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "loader/loader.hpp"

namespace mneme::loader {

// Our copy of the table and its methods. Strings, lists and functions stay the plugin's, which is
// never unloaded.
struct Table {
    mneme_plugin plugin{};
    std::vector<mneme_method> methods;
    std::vector<const mneme_method*> list; // what plugin.methods points at
};

// Refuses what does not keep the contract or does not fit this host; `file` is whom messages name.
std::unique_ptr<Table> read_table(const mneme_plugin* given, const Note&, const Host&,
                                  const std::filesystem::path& file);

} // namespace mneme::loader
