// SPDX-License-Identifier: Apache-2.0
// A file descriptor with one owner.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace mneme::base {

class Descriptor final {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() { close(); }

    int number() const { return number_; }
    bool open() const { return number_ >= 0; }
    // Returns 0 or the errno: a full or remote disk may report a failed write only here.
    int close() { return open() && ::close(std::exchange(number_, -1)) != 0 ? errno : 0; }

  private:
    int number_ = -1;
};

} // namespace mneme::base
