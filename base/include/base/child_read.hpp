// SPDX-License-Identifier: Apache-2.0
// HDF5 1.10 can crash or run in circles on a damaged file. A file that may do so is read in a child
// process, which sends what it read back through a pipe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <sys/types.h>

namespace mneme::base {

class ChildRead final {
  public:
    using Put = std::function<void(const void*, std::size_t)>;

    // Runs work(put), which reads `file`, in a child process. The child may use 20 s of processor
    // time, and one more for each megabyte of the file.
    ChildRead(const std::filesystem::path& file, const std::function<void(const Put&)>& work);
    ~ChildRead(); // ends the child
    ChildRead(const ChildRead&) = delete;
    ChildRead& operator=(const ChildRead&) = delete;

    // What the child puts, in pieces of the same sizes. Throws std::runtime_error: what the child
    // threw, or that it has died.
    void take(void* to, std::size_t bytes);
    std::string take_text(std::size_t most = std::size_t{1} << 40); // a piece of any size
    [[noreturn]] void died() const;

  private:
    std::uint64_t next_length();
    void read(void* to, std::size_t bytes);

    const std::filesystem::path file_;
    int from_ = -1;
    pid_t child_ = -1;
};

// The answer of work(), which reads `file`, from a child process; throws as `take` does.
std::string read_in_child(const std::filesystem::path& file,
                          const std::function<std::string()>& work);

} // namespace mneme::base
