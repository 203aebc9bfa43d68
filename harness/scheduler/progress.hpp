// SPDX-License-Identifier: Apache-2.0
// How far a run of many cells is: one line drawn over itself on a terminal, now and then a plain
// line elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include <base/status_output.hpp>

#include "supervisor/worker_exit.hpp"

namespace mneme::scheduler {

class Progress final {
  public:
    Progress(const base::StatusOutput&, std::size_t cells);

    void begin(std::size_t cell, const std::string& title);
    void move(std::size_t cell, const supervisor::WorkerPosition&);
    void end(std::size_t cell, const std::string& how); // "complete, average accuracy 0.8123", ...
    void draw();
    void clear() const { output_.draw(""); }

  private:
    using Clock = std::chrono::steady_clock;
    struct One {
        std::string title;
        supervisor::WorkerPosition at;
        Clock::time_point begun;
    };

    std::string where(const One&) const;
    std::string time_left() const;

    const base::StatusOutput& output_;
    const std::size_t cells_;
    std::size_t ended_ = 0, shown_ = 0;
    std::map<std::size_t, One> running_;
    Clock::time_point begun_, drawn_, turned_, said_;
};

std::string duration(double seconds); // "12 s", "3:20", "1:05:00"

} // namespace mneme::scheduler
