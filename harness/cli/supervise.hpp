// SPDX-License-Identifier: Apache-2.0
// Starts workers, watches them, ends them, survives them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "cli/ending.hpp"
#include "cli/process.hpp"
#include "protocol/messages.hpp"

namespace mneme::cli {

struct Limits {
    double wall_s = 0, stall_s = 0; // 0: none. Stall: no message that says something new
    double grace_s = 10;            // between SIGTERM and SIGKILL
    std::uint64_t memory_bytes = 0; // resident; 0: none
    std::uint64_t log_bytes = 1 << 20;
};

struct Job {
    Launch launch; // arguments without --fd 3
    std::filesystem::path log;
    Limits limits;
};

// What a caller does about it. Calls come from supervise's own loop, never at the same time.
class Audience {
  public:
    virtual ~Audience() = default;
    virtual Job job(std::size_t index) = 0; // just before it starts
    virtual void on_start(std::size_t, pid_t) {}
    virtual void on_message(std::size_t, const protocol::Message&, const Breadcrumb&) {}
    virtual void on_end(std::size_t, const Ending&) = 0;
    virtual void on_tick() {} // some five times a second
};

// Runs jobs 0..count-1, `at_once` at a time. SIGINT, SIGTERM, SIGHUP and SIGUSR1 to this process
// end every worker (SIGTERM first, so that it can write a checkpoint) and start none; a second
// SIGINT kills at once. Returns the first such signal's number, or 0. A throwing Audience ends
// every worker before the exception goes on.
int supervise(std::size_t count, std::size_t at_once, Audience&);

} // namespace mneme::cli
