// SPDX-License-Identifier: Apache-2.0
// Opening what others may have put in a folder: a regular file of a bounded size, never the target
// of a symbolic link, never a pipe or a device that would keep a reader waiting.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <base/descriptor.hpp>

namespace mneme::base {

enum class Links {
    refuse, // inside a results folder or a cache
    follow, // a path that the user has typed
};

// Throws ExitError (bad_input) "PATH: why; what to do": it does not exist, may not be read, is a
// link, a folder, a pipe or a device.
Descriptor open_regular(const std::filesystem::path&, Links = Links::refuse);

// The whole file. Throws also when it is larger than `most` bytes.
std::string read_file(const std::filesystem::path&, std::uint64_t most, Links = Links::refuse);

// For appending; made when it is missing. Throws as above, with std::system_error for other errnos.
Descriptor open_for_append(const std::filesystem::path&);

} // namespace mneme::base
