// SPDX-License-Identifier: Apache-2.0
// A whole results file in memory, read as it is needed. It stays the file that was opened, whatever
// takes its name meanwhile.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include <base/descriptor.hpp>

namespace mneme::results {

class MappedFile final {
  public:
    // Throws std::runtime_error: it is absent, or something else than a file.
    explicit MappedFile(const std::filesystem::path&);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    const std::string& name() const { return name_; }
    std::string_view bytes() const { return {static_cast<const char*>(memory_), size_}; }

  private:
    const std::string name_;
    const base::Descriptor descriptor_;
    const std::size_t size_;
    void* const memory_;
};

// Throws what HDF5 would say in riddles: it is no HDF5 file, or was cut short. Cheap.
void require_whole(const MappedFile&);

} // namespace mneme::results
