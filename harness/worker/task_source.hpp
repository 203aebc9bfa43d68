// SPDX-License-Identifier: Apache-2.0
// What the task loop trains on: the tasks of a stream one after the other, announced to the learner
// or hidden from it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <benchmarks/stream.hpp>

#include "host/learner.hpp"
#include "protocol/cell.hpp"
#include "worker/phase_run.hpp"

namespace mneme::harness {

// What a source reads, none of which is its own.
struct StreamParts {
    const Cell& cell;
    const bench::Stream& stream;
    host::Session& session;
    const mneme_method& method;
    const Json& train; // the effective [train]
};

class TaskSource {
  public:
    virtual ~TaskSource() = default;
    // Makes task `task` the current one and returns what the learner is shown of it. `resumed`: the
    // task is continued from a checkpoint within it.
    virtual host::TaskView open(int64_t task, bool resumed) = 0;
    // The phases that the learner asks for in the task that was opened last, with their examples.
    // Throws where the stream does not allow them.
    virtual std::vector<std::unique_ptr<PhasePlan>> plan(int64_t task,
                                                         const std::vector<mneme_phase>& asked) = 0;
    // Whether the learner is told that a task begins with this one, or ends.
    virtual bool begins(int64_t task) const = 0;
    virtual bool ends(int64_t task) const = 0;
};

std::unique_ptr<TaskSource> task_source(const StreamParts&);
std::unique_ptr<TaskSource> announced_tasks(const StreamParts&);
std::unique_ptr<TaskSource> hidden_tasks(const StreamParts&); // docs/decisions/0005

// The order of a task's examples in the first epoch of its first phase, of one replica: the
// numbers of Session::permutation_at("order", ...), on any thread.
std::vector<int64_t> first_order(const Cell&, const bench::Stream&, int64_t replica, int64_t task);

// The examples of several tasks, end to end. Inputs that all replicas share are repeated where
// another of the tasks has inputs of its own for each replica.
bench::Examples joined(const std::vector<bench::Examples>&, int64_t replicas);

[[noreturn]] void refuse_phase_without_steps(int64_t batch_size, const char* what,
                                             int64_t examples);

} // namespace mneme::harness
