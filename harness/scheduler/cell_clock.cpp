// SPDX-License-Identifier: Apache-2.0
#include "scheduler/cell_clock.hpp"

#include <algorithm>

namespace mneme::scheduler {
namespace {

constexpr double least_known = 0.01; // of a task: before that, a rate says nothing

bool trains(const supervisor::WorkerPosition& at) {
    return at.stage == "train" || at.stage == "end_task";
}

} // namespace

void CellClock::move(const supervisor::WorkerPosition& at, double now_s) {
    if (trains(last_)) train_s_ += now_s - moved_s_;
    if (last_.stage == "evaluate") evaluate_s_ += now_s - moved_s_;
    if (at.stage == "evaluate" && at.task > 0 && at.steps > 0 && at.steps < at.tasks)
        only_seen_tasks_ = true;
    if (!trains(first_) && first_.stage != "evaluate") first_ = at;
    last_ = at;
    moved_s_ = now_s;
}

// Before the first task everything is evaluated once, by methods that can.
CellClock::Work CellClock::work_at(const supervisor::WorkerPosition& at) const {
    const double task = double(at.task), all = double(at.tasks);
    const double before = only_seen_tasks_ ? task * (task - 1) / 2 : task * all;
    if (at.stage == "evaluate") return {task, before + double(at.steps) * at.stage_share};
    if (at.stage == "end_task") return {task, before};
    return {std::max(task - 1, 0.0) + at.stage_share, before};
}

CellClock::Work CellClock::whole() const {
    const double all = double(last_.tasks);
    return {all, only_seen_tasks_ ? all * (all + 1) / 2 : all * (all + 1)};
}

std::optional<double> CellClock::seconds_left(double now_s) const {
    const Work first = work_at(first_), done = work_at(last_), all = whole();
    const double trained = done.tasks - first.tasks, tested = done.tests - first.tests;
    if (trained < least_known) return std::nullopt;
    const double left = train_s_ / trained * (all.tasks - done.tasks) +
                        (tested > 0 ? evaluate_s_ / tested * (all.tests - done.tests) : 0);
    return std::max(0.0, left - (now_s - moved_s_));
}

} // namespace mneme::scheduler
