// SPDX-License-Identifier: Apache-2.0
// A file that appears whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace mneme::results {

// Private temporary name, fsync, rename, fsync of the folder. Throws std::system_error with the
// errno; leaves no temporary file.
void replace_file(const std::filesystem::path&, std::span<const std::byte>);

} // namespace mneme::results
