// SPDX-License-Identifier: Apache-2.0
// What the worker says to its parent (protocol/messages.hpp).
#pragma once

#include <chrono>

#include "protocol/messages.hpp"

namespace mneme::harness {

using protocol::Progress;

class Reporter final {
  public:
    explicit Reporter(int fd) : fd_(fd) {}
    void say(const protocol::Message&);
    void progress(const Progress&); // at once
    bool due() const;               // a second has passed since the last progress line

  private:
    const int fd_;
    std::chrono::steady_clock::time_point last_{};
};

} // namespace mneme::harness
