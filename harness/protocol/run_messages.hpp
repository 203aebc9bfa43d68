// SPDX-License-Identifier: Apache-2.0
// What a worker says while it trains a cell, and how every worker ends (messages.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <base/error.hpp>

namespace mneme::protocol {

struct Progress { // at least every second while something moves
    static constexpr const char* event = "progress";
    std::string stage = {};           // load, train, evaluate, end_task
    std::int64_t task = 0, tasks = 0; // tasks from 1; 0: none yet
    std::string phase = {};
    std::int64_t step = 0, steps = 0;    // train: of the phase; evaluate: tests of tasks
    std::optional<double> accuracy = {}; // over tasks seen, as last evaluated, mean over the runs
    double share = 0;                    // train, evaluate: of this task's, over its phases; 0 to 1

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("stage", self.stage);
        visit("task", self.task);
        visit("tasks", self.tasks);
        visit("phase", self.phase);
        visit("step", self.step);
        visit("steps", self.steps);
        visit("accuracy", self.accuracy);
        visit("share", self.share);
    }
};

// Before a cell trains: where its parent can read each step (shared_position.hpp).
struct Positioned {
    static constexpr const char* event = "position";
    std::int32_t descriptor = -1; // of the worker

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("descriptor", self.descriptor);
    }
};

struct Log { // a plugin's log line, or the worker's own
    static constexpr const char* event = "log";
    std::string line = {};

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("line", self.line);
    }
};

struct RunBegun {
    std::string digest;
    std::int32_t restarts = 0; // times that it went on from a checkpoint, this time too

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("digest", self.digest);
        visit("restarts", self.restarts);
    }
};

struct Begun { // before the first step of runs that train together
    static constexpr const char* event = "begun";
    std::vector<RunBegun> runs = {};

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("runs", self.runs);
    }
};

struct RunDone {
    std::string digest;
    std::int32_t outcome = 0; // a results::Outcome
    std::string message;

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("digest", self.digest);
        visit("outcome", self.outcome);
        visit("message", self.message);
    }
};

struct Done { // the last message; the runs' files are written
    static constexpr const char* event = "done";
    std::vector<RunDone> runs = {};

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("runs", self.runs);
    }
};

struct Failure { // the last message; nothing was written
    static constexpr const char* event = "error";
    std::string message = {};
    base::ExitCode exit = base::ExitCode::internal;

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("message", self.message);
        visit("exit", self.exit);
    }
};

} // namespace mneme::protocol
