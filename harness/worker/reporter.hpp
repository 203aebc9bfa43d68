// SPDX-License-Identifier: Apache-2.0
// What the worker tells its parent: one JSON object a line (harness/plan/messages.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "plan/plan.hpp"

namespace mneme::harness {

struct Progress {
    const char* stage; // load, train, evaluate, end_task
    int64_t task = 0, tasks = 0;
    std::string phase;
    int64_t step = 0, steps = 0;
    double accuracy = 0; // NaN: not known yet
};

class Reporter final {
  public:
    explicit Reporter(int fd) : fd_(fd) {}
    void say(const Json& message);
    void progress(const Progress&); // at once
    bool due() const;               // a second has passed since the last progress line

  private:
    const int fd_;
    std::chrono::steady_clock::time_point last_{};
};

} // namespace mneme::harness
