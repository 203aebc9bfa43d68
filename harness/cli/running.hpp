// SPDX-License-Identifier: Apache-2.0
// One worker while it runs: what it says, its clocks, its limits. Seen by supervise.cpp alone.
#pragma once

#include <chrono>
#include <optional>

#include "cli/supervise.hpp"
#include "cli/worker_log.hpp"

namespace mneme::cli {

class Running final {
  public:
    using Clock = std::chrono::steady_clock;

    Running(std::size_t index, const Job&);
    ~Running(); // kills what is left of the group
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    std::size_t index() const { return index_; }
    pid_t pid() const { return child_.pid; }
    int messages() const { return child_.messages.number(); }
    int log() const { return child_.log.number(); }

    void read_messages(Audience&);
    void read_log();
    void check_limits();
    void stop(Cause, const std::string& why); // SIGTERM now, SIGKILL after the grace
    void kill_group();
    std::optional<Ending> ended(Audience&); // reaps

  private:
    void take_line(const std::string&, Audience&);

    std::size_t index_;
    Limits limits_;
    Child child_;
    WorkerLog log_;
    std::string pending_; // the beginning of a line
    bool overlong_ = false, reaped_ = false;
    Clock::time_point begun_, moved_;
    std::optional<Clock::time_point> kill_at_;
    std::optional<Cause> cause_;
    Ending ending_;
};

} // namespace mneme::cli
