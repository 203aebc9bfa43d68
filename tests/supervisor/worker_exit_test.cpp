// SPDX-License-Identifier: Apache-2.0
#include "supervisor/worker_exit.hpp"
#include "catch.hpp"

using namespace mneme::supervisor;
using mneme::protocol::Progress;

TEST_CASE("a position is named as far as it is known") {
    WorkerPosition at;
    CHECK(at.text() == "before the first message");
    at.take({.stage = "load", .task = 0, .tasks = 5});
    CHECK(at.text() == "stage load");
    CHECK(at.share() == 0);
    Progress progress{.stage = "train",
                      .task = 3,
                      .tasks = 5,
                      .phase = "mask",
                      .step = 120,
                      .steps = 200,
                      .accuracy = 0.5,
                      .share = 0.6};
    CHECK(at.take(progress));
    CHECK(at.text() == "task 3, phase mask, step 120");
    CHECK(at.share() == Approx((2 + 0.6) / 5));
    progress.accuracy = 0.6;
    CHECK_FALSE(at.take(progress));
    CHECK(at.accuracy == 0.6);
    at.take({.stage = "evaluate", .task = 3, .tasks = 5});
    CHECK(at.text() == "task 3, stage evaluate");
    CHECK(at.accuracy == 0.6);
}

TEST_CASE("steps between two messages move a position on, those of another task do not") {
    WorkerPosition at;
    at.take({.stage = "train", .task = 3, .tasks = 5, .phase = "mask", .step = 120, .steps = 200});
    at.take_step({.task = 2, .phase = 0, .step = 150}); // tasks count from 0 there
    CHECK(at.text() == "task 3, phase mask, step 150");
    at.take_step({.task = 2, .phase = 0, .step = 130});
    CHECK(at.text() == "task 3, phase mask, step 150");
    for (const std::int64_t task : {1, 3}) at.take_step({.task = task, .phase = 0, .step = 180});
    CHECK(at.text() == "task 3, phase mask, step 150");
    at.take({.stage = "evaluate", .task = 3, .tasks = 5});
    at.take_step({.task = 2, .phase = 0, .step = 190});
    CHECK(at.step == 0);
}

TEST_CASE("a negative number counts as absent") {
    WorkerPosition at;
    at.take({.stage = "train", .task = -1, .tasks = -2});
    CHECK(at.tasks == 0);
    CHECK(at.task == 0);
}

TEST_CASE("a library that is missing is named instead of an exit code") {
    WorkerExit exit;
    exit.status = 127;
    exit.last_line = "mneme-worker: libx.so: cannot open shared object file";
    CHECK(exit.reason() ==
          "the worker could not be loaded: mneme-worker: libx.so: cannot open "
          "shared object file");
    exit.status = 3;
    CHECK(exit.reason() == "the worker ended with exit code 3");
}
