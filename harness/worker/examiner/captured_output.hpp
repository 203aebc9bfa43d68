// SPDX-License-Identifier: Apache-2.0
// Takes what the process writes to stdout or stderr, while this lives.
#pragma once

#include <cstdio>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/descriptor.hpp>

namespace mneme::harness::examiner {

class CapturedOutput final {
  public:
    explicit CapturedOutput(int stream)
        : stream_(stream), original_(::fcntl(stream, F_DUPFD_CLOEXEC, 3)),
          taken_(::memfd_create("output", MFD_CLOEXEC)) {
        std::fflush(nullptr);
        ::dup2(taken_.number(), stream_);
    }
    ~CapturedOutput() {
        std::fflush(nullptr);
        ::dup2(original_.number(), stream_);
    }
    CapturedOutput(const CapturedOutput&) = delete;
    CapturedOutput& operator=(const CapturedOutput&) = delete;

    off_t size() const { // bytes
        std::fflush(nullptr);
        struct stat info {};
        return ::fstat(taken_.number(), &info) == 0 ? info.st_size : 0;
    }
    std::string first_line() const {
        std::fflush(nullptr);
        char text[200];
        const auto n = ::pread(taken_.number(), text, sizeof text, 0);
        const std::string all(text, n > 0 ? static_cast<std::size_t>(n) : 0);
        return all.substr(0, all.find('\n'));
    }

  private:
    const int stream_;
    const base::Descriptor original_, taken_;
};

} // namespace mneme::harness::examiner
