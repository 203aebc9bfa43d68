// SPDX-License-Identifier: Apache-2.0
// A part of a file, whatever the kernel hands out at once.
#pragma once

#include <cerrno>
#include <cstddef>

#include <unistd.h>

namespace mneme::base {

// Reads `bytes` from `place` on, or up to the file's end. Returns how many; -1: errno says why.
inline ssize_t read_at(int file, void* to, std::size_t bytes, std::size_t place) {
    std::size_t done = 0;
    while (done < bytes) {
        const ssize_t n = ::pread(file, static_cast<char*>(to) + done, bytes - done,
                                  static_cast<off_t>(place + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        if (n == 0) break;
        done += static_cast<std::size_t>(n);
    }
    return static_cast<ssize_t>(done);
}

} // namespace mneme::base
