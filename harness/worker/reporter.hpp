// SPDX-License-Identifier: Apache-2.0
// What the worker says to its parent (protocol/messages.hpp).
#pragma once

#include <chrono>

#include "protocol/messages.hpp"
#include "protocol/shared_position.hpp"

namespace mneme::harness {

using protocol::Progress;

class Reporter final {
  public:
    explicit Reporter(int fd) : fd_(fd) {}
    void say(const protocol::Message&);
    void progress(const Progress&); // at once
    bool due() const;               // a second has passed since the last progress line
    // For the parent of a worker that dies between two progress lines: costs three stores.
    void share_position();
    void set_position(const protocol::SharedPosition::Value& at) { position_.write(at); }

  private:
    const int fd_;
    std::chrono::steady_clock::time_point last_{};
    protocol::SharedPosition position_;
};

} // namespace mneme::harness
