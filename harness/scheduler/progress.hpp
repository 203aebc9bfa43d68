// SPDX-License-Identifier: Apache-2.0
// How far a run of many cells is: one line drawn over itself on a terminal, now and then a plain
// line elsewhere, and a state that another process may show.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <base/status_output.hpp>

#include "scheduler/cell_clock.hpp"
#include "scheduler/cost_book.hpp"
#include "scheduler/work_state.hpp"
#include "supervisor/worker_exit.hpp"

namespace mneme::scheduler {

class Progress final {
  public:
    Progress(const base::StatusOutput&,
             const std::vector<protocol::Cell>& cells); // they outlive it

    void set_workers(std::size_t at_once) { workers_ = at_once; }
    void set_earlier_costs(const CostBook& costs) { costs_ = costs; } // of cells that ended before
    CostBook costs() const; // with what running cells will have taken
    void begin(std::size_t cell);
    void move(std::size_t cell, const supervisor::WorkerPosition&);
    void end(std::size_t cell, const std::string& how); // "complete, average accuracy 0.8123", ...
    void draw();
    void clear() const { output_.draw(""); }
    WorkState state() const;

  private:
    using Clock = std::chrono::steady_clock;
    struct One {
        std::string title;
        supervisor::WorkerPosition at;
        Clock::time_point begun;
        CellClock clock;
    };

    RunningCell shown(std::size_t cell, const One&) const;
    std::optional<double> seconds_left() const; // nothing where nothing is known
    std::string time_left() const;

    const base::StatusOutput& output_;
    const std::vector<protocol::Cell>& cells_;
    CostBook costs_;
    std::size_t workers_ = 1, ended_ = 0, turn_ = 0;
    std::vector<bool> begun_; // by cell
    std::map<std::size_t, One> running_;
    Clock::time_point drawn_, turned_, said_;
};

std::string duration(double seconds);     // "12 s", "3:20", "1:05:00"
std::string title(const protocol::Cell&); // "ewc, seed 2, rotated-mnist-20"

} // namespace mneme::scheduler
