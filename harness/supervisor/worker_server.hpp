// SPDX-License-Identifier: Apache-2.0
// A process of mneme-worker that has loaded its libraries and forks a worker for each cell, so that
// not every worker loads them. It has no thread, no device and no plugin when it forks.
#pragma once

#include <chrono>

#include <base/descriptor.hpp>

#include "protocol/worker_child.hpp"
#include "supervisor/process.hpp"

namespace mneme::supervisor {

class WorkerServer final {
  public:
    // Program and environment are those of the workers that it shall fork; an argument is a file of
    // protocol::Data that it reads first. Where it cannot be started, nothing is forked.
    explicit WorkerServer(Launch);
    ~WorkerServer();
    WorkerServer(const WorkerServer&) = delete;
    WorkerServer& operator=(const WorkerServer&) = delete;

    // A child of ours, as one that start() executes; -1 where the server is not ready, has died, or
    // was started for another environment. Nothing of the cell is running then.
    pid_t fork_worker(const Launch&, int log, int messages);

    pid_t pid() const { return pid_; } // -1: there is none

  private:
    using Clock = std::chrono::steady_clock;

    bool serves(const Launch&) const;
    bool ready();
    bool send(const protocol::ForkRequest&, int log, int messages) const;
    // Nothing until then. A server that has gone is retired.
    std::optional<protocol::ForkReply> receive(Clock::time_point until);
    void retire();

    Launch launch_;
    pid_t pid_ = -1;
    base::Descriptor socket_;
    bool ready_ = false;
    Clock::time_point ready_until_; // how long a cell waits for a server that is still loading
};

} // namespace mneme::supervisor
