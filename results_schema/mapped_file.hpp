// SPDX-License-Identifier: Apache-2.0
// A whole file in memory, read as it is needed. It stays the file that was opened, whatever takes
// its name meanwhile.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include <base/descriptor.hpp>

namespace mneme::results {

class MappedFile final {
  public:
    explicit MappedFile(const std::filesystem::path&); // throws std::runtime_error
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::string_view bytes() const { return {static_cast<const char*>(memory_), size_}; }

  private:
    const base::Descriptor descriptor_;
    const std::size_t size_;
    void* const memory_;
};

} // namespace mneme::results
