// SPDX-License-Identifier: Apache-2.0
// Starts workers, watches them, ends them, survives them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "protocol/cell.hpp"
#include "protocol/messages.hpp"
#include "supervisor/process.hpp"
#include "supervisor/signals.hpp"
#include "supervisor/worker_exit.hpp"

namespace mneme::supervisor {

// Limits in seconds are of those that the process could use: while it or we are stopped, none pass.
struct Limits : protocol::Limits {
    double grace_s = 10; // between SIGTERM and SIGKILL
    std::uint64_t log_bytes = 1 << 20;
};

struct Job {
    Launch launch; // arguments without --fd 3
    std::filesystem::path log;
    Limits limits;
};

// What a caller does about it. Calls come from run_jobs's own loop, never at the same time.
class JobHandler {
  public:
    virtual ~JobHandler() = default;
    virtual std::size_t next() { return next_++; } // which job starts now; each once
    virtual Job job(std::size_t index) = 0;        // just before it starts
    virtual void on_start(std::size_t, pid_t) {}
    virtual void on_message(std::size_t, const protocol::Message&, const WorkerPosition&) {
    } // every line that is a message
    virtual void on_end(std::size_t, const WorkerExit&) = 0;
    virtual void on_tick() {} // some five times a second

  private:
    std::size_t next_ = 0;
};

// Runs jobs 0..count-1, `at_once` at a time. A signal that asks this process to stop ends every
// worker (SIGTERM first, so that it can write a checkpoint) and starts none; a second SIGINT kills
// at once. Returns the first such signal's number, or 0. A handler that throws ends every worker
// before the exception goes on.
int run_jobs(std::size_t count, std::size_t at_once, JobHandler&, const StopSignals&);

} // namespace mneme::supervisor
