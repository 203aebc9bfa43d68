// SPDX-License-Identifier: Apache-2.0
#include "cli/suite_screen.hpp"
#include "catch.hpp"

using namespace mneme::cli;
using mneme::scheduler::RunningCell;

namespace {

using Lines = std::vector<std::string>;

Snapshot snapshot() {
    Snapshot now;
    now.holder = "process 7 on here";
    now.runs = {
        {"a", "toy", "er", 1, "complete", "", 0.5, ""},
        {"b", "toy", "er", 2, "missing"},
        {"c", "toy", "ewc", 1, "failed", "task 3: signal 11", std::nan(""), "/x/logs/c.log"},
        {"d", "toy", "ewc", 2, "missing"}};
    RunningCell cell{"er, seed 2, toy", "b", "train", "train", 3, 5, 120, 400, 0.25, 12.0, 65};
    now.work = {{7, "here", 4, 2, 1, 80.0, {cell}}};
    return now;
}

} // namespace

TEST_CASE("what runs, what failed and where its log is, accuracy so far") {
    CHECK(screen(snapshot(), "out", 79, 24) ==
          Lines{"out: 1 of 4 runs complete, 1 failed; 1 not begun, about 1:20 left", "",
                "runs now         at                      accuracy   for  left",
                "er, seed 2, toy  task 3/5, step 120/400    0.2500  1:05  12 s", "",
                "did not complete", "ewc, seed 1, toy: failed: task 3: signal 11", "  logs/c.log",
                "", "accuracy so far           toy", "er               0.5000 (1/2)",
                "ewc                   - (0/2)"});
}

TEST_CASE("a screen has the size of its terminal, and text of strangers stays text") {
    Snapshot now = snapshot();
    now.runs[2].message = "a\x1b[2J\nb";
    for (const std::string& line : screen(now, "out", 30, 6)) {
        CHECK(line.size() <= 30);
        CHECK(line.find('\x1b') == std::string::npos);
    }
    CHECK(screen(now, "out", 30, 6).size() == 6);
    CHECK(screen(now, "out", 200, 1).size() == 1);
}

TEST_CASE("before and after the training") {
    Snapshot now = snapshot();
    now.work.clear();
    CHECK(screen(now, "out", 100, 24).front() ==
          "out: 1 of 4 runs complete, 1 failed; data are being read, or results merged");
    now.holder.reset();
    CHECK(screen(now, "out", 100, 24).front() ==
          "out: nothing runs here any more; 1 of 4 runs complete, 1 failed");
}

TEST_CASE("a line for each change, none where nothing has changed") {
    const Snapshot before = snapshot();
    CHECK(changes(before, before).empty());
    CHECK(changes({}, before) ==
          Lines{"er, seed 1, toy: complete, average accuracy 0.5000",
                "ewc, seed 1, toy: failed: task 3: signal 11 (its log: /x/logs/c.log)",
                "er, seed 2, toy: started"});
    Snapshot now = before;
    now.work[0].running[0].step = 300; // within a task: no news
    CHECK(changes(before, now).empty());
    now.work[0].running[0].task = 4;
    now.work[0].running[0].step = 0;
    CHECK(changes(before, now) ==
          Lines{"er, seed 2, toy: task 4/5, step 0/400, accuracy 0.2500, 12 s left"});
    now.work[0].running.clear();
    now.runs[1].outcome = "complete";
    now.runs[1].accuracy = 0.75;
    CHECK(changes(before, now) == Lines{"er, seed 2, toy: complete, average accuracy 0.7500"});
}
