// SPDX-License-Identifier: Apache-2.0
// HDF5 1.10 can crash or run in circles on a damaged file. A file that may do so is read in a child
// process, which sends what it read back through a pipe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <sys/types.h>

#include <base/descriptor.hpp>

namespace mneme::base {

class ChildRead final {
  public:
    using Put = std::function<void(const void*, std::size_t)>;

    enum class Files { one, many }; // many: work() reads others after `file`

    // Runs work(put), which reads `file`, in a child process. The child may use 5 s of processor
    // time, and one more for each megabyte of the file.
    ChildRead(const std::filesystem::path& file, const std::function<void(const Put&)>& work,
              Files files = Files::one);
    ~ChildRead(); // ends the child
    ChildRead(const ChildRead&) = delete;
    ChildRead& operator=(const ChildRead&) = delete;

    // What the child puts, in pieces of the same sizes. Throws std::runtime_error: what the child
    // threw, or that it has died.
    void take(void* to, std::size_t bytes);
    std::string take_text(std::size_t most = std::size_t{1} << 40); // a piece of any size
    [[noreturn]] void died() const;

    // The child reads another file now, which is what messages are about.
    void go_on_with(const std::filesystem::path& file) { file_ = file; }

  private:
    std::uint64_t next_length();
    void read(void* to, std::size_t bytes);

    std::filesystem::path file_;
    int from_ = -1;
    pid_t child_ = -1;
};

// The answer of work(), which reads `file`, from a child process; throws as `take` does.
std::string read_in_child(const std::filesystem::path& file,
                          const std::function<std::string()>& work);

// Reads many files, one after another, in one child process: to start a child costs more than to
// read a small file, and the more the larger this process is. After a file that could not be read,
// or that work() does not call sound, another child reads the next one.
class ChildReader final {
  public:
    struct Answer {
        std::string bytes;
        bool sound = false; // nothing in the child can have been damaged by the file
    };
    explicit ChildReader(std::function<Answer(const std::filesystem::path&)> work)
        : work_(std::move(work)) {}
    ~ChildReader() { end(); }
    ChildReader(const ChildReader&) = delete;
    ChildReader& operator=(const ChildReader&) = delete;

    // The answer of work(file); throws as ChildRead::take does. Each file has its own time.
    std::string read(const std::filesystem::path& file);
    std::size_t started() const { return started_; } // children so far

  private:
    bool ask(const std::filesystem::path&); // false: there is no child that hears it
    void start(const std::filesystem::path&);
    void end();

    const std::function<Answer(const std::filesystem::path&)> work_;
    std::optional<ChildRead> child_;
    Descriptor questions_;
    std::size_t started_ = 0;
};

} // namespace mneme::base
