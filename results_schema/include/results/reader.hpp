// SPDX-License-Identifier: Apache-2.0
// Many results files, read one after another.
#pragma once

#include <cstddef>
#include <filesystem>

#include <base/child_read.hpp>
#include <results/block.hpp>

namespace mneme::results {

// HDF5 works in one child process for as long as each file is what its content digest says. After
// one that cannot be read, or that has no digest, a new child reads the next.
class Reader final {
  public:
    Reader();

    File read(const std::filesystem::path&); // as results::read
    std::size_t children() const { return child_.started(); }

  private:
    base::ChildReader child_;
};

} // namespace mneme::results
