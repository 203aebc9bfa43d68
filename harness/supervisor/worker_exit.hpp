// SPDX-License-Identifier: Apache-2.0
// How a worker ended, and where it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/messages.hpp"
#include "protocol/shared_position.hpp"

namespace mneme::supervisor {

// The last thing a worker said about where it is.
struct WorkerPosition {
    std::string stage = {}, phase = {};
    std::int64_t task = 0, tasks = 0, step = 0, steps = 0; // tasks from 1; 0: none yet
    std::optional<double> accuracy = {};
    double stage_share = 0; // of the stage, in its task

    // From a progress message; whether anything but the accuracy moved.
    bool take(const protocol::Progress&);
    // From what the worker shared when it died: progress lines come once a second.
    void take_step(const protocol::SharedPosition::Value&);
    std::string text() const; // "task 3, phase train, step 120"
    double share() const;     // of the tasks, 0 to 1
};

enum class ExitCause { exited, signalled, time_limit, resource_limit, interrupted };

struct WorkerExit {
    ExitCause cause = ExitCause::exited;
    int status = 0; // exit code, or the signal's number where `signalled`
    WorkerPosition last;
    std::optional<protocol::Failure> failure; // what it said itself
    double seconds = 0;
    std::uint64_t peak_resident = 0; // bytes, as polled
    std::string limit;               // which limit was passed: "no progress for 600 s"
    std::string last_line;           // of what it printed

    // One sentence without the place: "signal 11 (segmentation fault)".
    std::string reason() const;
    // With the place: "task 3, phase train, step 120: signal 11 (segmentation fault)".
    std::string message() const { return last.text() + ": " + reason(); }
};

} // namespace mneme::supervisor
