// SPDX-License-Identifier: Apache-2.0
// One worker while it runs: what it says, its clocks, its limits. Seen by worker_pool.cpp alone.
#pragma once

#include <chrono>
#include <optional>

#include "supervisor/worker_log.hpp"
#include "supervisor/worker_pool.hpp"

namespace mneme::supervisor {

class WorkerProcess final {
  public:
    using Clock = std::chrono::steady_clock;

    WorkerProcess(std::size_t index, const Job&);
    ~WorkerProcess(); // kills what is left of the group
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    std::size_t index() const { return index_; }
    pid_t pid() const { return child_.pid; }
    int messages() const { return child_.messages.number(); }
    int log() const { return child_.log.number(); }

    void read_messages(JobHandler&);
    void read_log();
    void check_limits();
    void stop(ExitCause, const std::string& why); // SIGTERM now, SIGKILL after the grace
    void kill_group();
    std::optional<WorkerExit> reap(JobHandler&); // nothing while it runs

  private:
    void take_line(const std::string&, JobHandler&);
    void advance_clocks();

    std::size_t index_;
    Limits limits_;
    Child child_;
    WorkerLog log_;
    std::string pending_; // the beginning of a line
    bool overlong_ = false, reaped_ = false;
    // Seconds that the worker could use, and seconds in which we looked after it.
    double usable_s_ = 0, passed_s_ = 0, moved_s_ = 0;
    Clock::time_point begun_, looked_;
    std::optional<double> kill_at_s_;
    std::optional<ExitCause> cause_;
    WorkerExit exit_;
    std::optional<protocol::SharedPosition> position_; // of each step
};

} // namespace mneme::supervisor
