// SPDX-License-Identifier: Apache-2.0
// What those need who bring a data set's files here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <benchmarks/dataset.hpp>

namespace mneme::bench {

// Of the content of a file, plain or .gz. Throws std::runtime_error where the content has more than
// `most` bytes, and reads no further.
std::string payload_sha256(const std::filesystem::path&, uint64_t most);

// How many bytes the files of a set may have in all, unpacked: a quarter and a megabyte more than
// is known of it, or 4 GiB where nothing is.
uint64_t most_unpacked_bytes(const DatasetInfo&);

// Writes the files of a zip archive below `folder`; throws where an entry leaves it, and where they
// are more than `most` bytes in all.
void unpack_zip(const std::filesystem::path& archive, const std::filesystem::path& folder,
                uint64_t most);

} // namespace mneme::bench
