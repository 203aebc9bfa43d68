// SPDX-License-Identifier: Apache-2.0
// How long a cell still needs, from where it was when.
#pragma once

#include <optional>

#include "supervisor/worker_exit.hpp"

namespace mneme::scheduler {

// Training and evaluation have a rate each: on a stream of many tasks most of the time goes into
// evaluation, whose share of a task grows or not, as the method needs the task or not.
class CellClock final {
  public:
    void move(const supervisor::WorkerPosition&, double now_s); // seconds since the cell began
    std::optional<double> seconds_left(double now_s) const;     // nothing until a rate is known

  private:
    struct Work {
        double tasks, tests; // trained, evaluated
    };
    Work work_at(const supervisor::WorkerPosition&) const;
    Work whole() const;

    supervisor::WorkerPosition first_, last_; // first: where it began, or was resumed
    double moved_s_ = 0, train_s_ = 0, evaluate_s_ = 0;
    bool only_seen_tasks_ = false; // are evaluated
};

} // namespace mneme::scheduler
