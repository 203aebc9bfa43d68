// SPDX-License-Identifier: Apache-2.0
// The one place where a plugin's code comes into the process.
#pragma once

#include <filesystem>
#include <string>

#include <mneme/abi.h>

namespace mneme::loader {

// Opens the stored copy and calls its entry. Never closed. `file` is whom messages name.
const mneme_plugin* call_entry(const std::filesystem::path& copy,
                               const std::filesystem::path& file);

// The dynamic linker's words as the end of a sentence of ours. For tests too.
std::string in_our_words(std::string linker, const std::filesystem::path& copy);

} // namespace mneme::loader
