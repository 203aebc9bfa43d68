// SPDX-License-Identifier: Apache-2.0
// A cell of which training and evaluation have constant rates is foreseen exactly.
#include "scheduler/cell_clock.hpp"
#include "catch.hpp"

using mneme::scheduler::CellClock;
using mneme::supervisor::WorkerPosition;

namespace {

struct Moment {
    WorkerPosition at;
    double now;
};

// Every position of a cell: a task trains for `train_s` in two halves, a test takes `test_s`.
std::vector<Moment> cell(std::int64_t tasks, double train_s, double test_s, bool only_seen,
                         double start_s = 3) {
    std::vector<Moment> moments{{{.stage = "load"}, 0}};
    double now = start_s;
    const auto evaluate = [&](std::int64_t task) {
        const std::int64_t tests = only_seen ? task : tasks;
        for (std::int64_t test = 0; test <= tests; ++test) {
            if (test > 0) now += test_s;
            if (tests > 0)
                moments.push_back({{.stage = "evaluate",
                                    .task = task,
                                    .tasks = tasks,
                                    .step = test,
                                    .steps = tests,
                                    .stage_share = double(test) / double(tests)},
                                   now});
        }
    };
    evaluate(0);
    for (std::int64_t task = 1; task <= tasks; ++task) {
        for (const double share : {0.0, 0.5}) {
            moments.push_back(
                {{.stage = "train", .task = task, .tasks = tasks, .stage_share = share}, now});
            now += train_s / 2;
        }
        evaluate(task);
    }
    return moments;
}

void check_foreseen(const std::vector<Moment>& moments, std::size_t from) {
    CellClock clock;
    for (std::size_t k = 0; k < moments.size(); ++k) {
        clock.move(moments[k].at, moments[k].now);
        if (k < from) continue;
        const auto left = clock.seconds_left(moments[k].now);
        REQUIRE(left.has_value());
        CHECK(*left == Approx(moments.back().now - moments[k].now).margin(1e-9));
    }
}

} // namespace

TEST_CASE("a stream of many tasks: evaluation counts") {
    const auto moments = cell(20, 1, 2, false);
    // Known with half of the first task: all tests of every row were seen before it.
    std::size_t first = 0;
    while (moments[first].at.stage != "train" || moments[first].at.stage_share == 0) ++first;
    check_foreseen(moments, first);
    CellClock clock;
    clock.move(moments[0].at, 0);
    CHECK_FALSE(clock.seconds_left(1).has_value());
}

TEST_CASE("a method that needs the task is evaluated on the tasks that it has seen") {
    const auto moments = cell(6, 4, 0.5, true);
    std::size_t second = 0;
    while (moments[second].at.task < 2) ++second;
    check_foreseen(moments, second);
}

TEST_CASE("a resumed cell counts from where it went on") {
    auto moments = cell(10, 2, 0.1, false);
    std::size_t fifth = 0;
    while (moments[fifth].at.task < 5 || moments[fifth].at.stage != "train") ++fifth;
    moments.erase(moments.begin() + 1, moments.begin() + std::ptrdiff_t(fifth));
    std::size_t sixth = 0;
    while (moments[sixth].at.task < 6) ++sixth;
    check_foreseen(moments, sixth);
}

TEST_CASE("time passes between two messages") {
    CellClock clock;
    clock.move({.stage = "train", .task = 1, .tasks = 2, .stage_share = 0}, 0);
    clock.move({.stage = "train", .task = 1, .tasks = 2, .stage_share = 0.5}, 10);
    CHECK(clock.seconds_left(10) == Approx(30));
    CHECK(clock.seconds_left(15) == Approx(25));
    CHECK(clock.seconds_left(1000) == 0);
}
