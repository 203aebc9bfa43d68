// SPDX-License-Identifier: Apache-2.0
// Where a mneme that works in a results folder is, for `mneme status --watch`: a file that it
// renews while it works.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "protocol/run_folder.hpp"

namespace mneme::scheduler {

struct RunningCell {
    std::string title, run;           // run: the digest that names its log
    std::string stage, phase;         // as in protocol::Progress
    std::int64_t task = 0, tasks = 0; // tasks from 1; 0: none yet
    std::int64_t step = 0, steps = 0;
    std::optional<double> accuracy = {}, seconds_left = {};
    double seconds = 0; // since it began

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("title", self.title);
        visit("run", self.run);
        visit("stage", self.stage);
        visit("phase", self.phase);
        visit("task", self.task);
        visit("tasks", self.tasks);
        visit("step", self.step);
        visit("steps", self.steps);
        visit("accuracy", self.accuracy);
        visit("seconds_left", self.seconds_left);
        visit("seconds", self.seconds);
    }
};

struct WorkState {
    std::int64_t process = 0;
    std::string host;
    std::int64_t cells = 0, ended = 0, waiting = 0;
    std::optional<double> seconds_left = {};
    std::vector<RunningCell> running = {};

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("process", self.process);
        visit("host", self.host);
        visit("cells", self.cells);
        visit("ended", self.ended);
        visit("waiting", self.waiting);
        visit("seconds_left", self.seconds_left);
        visit("running", self.running);
    }
};

// Throws as base::replace_file.
void write_state(const std::filesystem::path&, const WorkState&);

// Of every process that works in the folder. A file that cannot be read, one of a process of this
// machine that has ended, and one that was not renewed for a minute are passed over.
std::vector<WorkState> work_in(const protocol::RunFolder&);

// "task 3/5, test 7/20", "task 3/5, step 120/400", "starting".
std::string place(const RunningCell&);

} // namespace mneme::scheduler
