// SPDX-License-Identifier: Apache-2.0
// What those need who bring a data set's files here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace mneme::bench {

std::string payload_sha256(const std::filesystem::path&); // of the content of a file, plain or .gz

std::string file_md5(const std::filesystem::path&); // of a file as it is

// Writes the files of a zip archive below `folder`; throws where an entry leaves it, and where they
// are more than `most` bytes in all.
void unpack_zip(const std::filesystem::path& archive, const std::filesystem::path& folder,
                int64_t most);

} // namespace mneme::bench
