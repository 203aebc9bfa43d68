// SPDX-License-Identifier: Apache-2.0
// Single runs, kept until it is known where they stand in the merged file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <base/atomic_file.hpp>
#include <results/block.hpp>

namespace mneme::results {

class RunStore final {
  public:
    RunStore() = default;                            // in memory
    explicit RunStore(const std::filesystem::path&); // in a file beside the path, which is not kept

    std::uint64_t put(const Block&, std::size_t method, std::size_t seed); // returns its place
    Block get(std::uint64_t place) const; // of one method and seed: arrays of runs, and diagnostics

  private:
    std::optional<base::NewFile> file_;
    std::uint64_t end_ = 0;
    std::vector<std::string> memory_;
};

} // namespace mneme::results
