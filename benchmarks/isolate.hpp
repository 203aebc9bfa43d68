// SPDX-License-Identifier: Apache-2.0
// HDF5 1.10 can crash or run in circles on a damaged file. What such a file may break is done in a
// child process. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>

#include <sys/types.h>

namespace mneme::bench {

class Isolated final {
  public:
    using Put = std::function<void(const void*, std::size_t)>;

    // Runs work(put), which reads `file`, in a child. It uses 20 s of processor time at most, more
    // for a large file.
    Isolated(const std::filesystem::path& file, const std::function<void(const Put&)>& work);
    ~Isolated(); // ends the child
    Isolated(const Isolated&) = delete;
    Isolated& operator=(const Isolated&) = delete;

    // What the child puts, in the same pieces. Throws std::runtime_error: what the child threw, or
    // that it has died.
    void take(void* to, std::size_t bytes);
    [[noreturn]] void died() const;

  private:
    void read(void* to, std::size_t bytes);

    const std::filesystem::path file_;
    int from_ = -1;
    pid_t child_ = -1;
};

} // namespace mneme::bench
