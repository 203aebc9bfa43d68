// SPDX-License-Identifier: Apache-2.0
#include "cli/training.hpp"

#include <utility>

#include "scheduler/cost_book.hpp"
#include "scheduler/merge_runs.hpp"
#include "scheduler/run_scheduler.hpp"

namespace mneme::cli {

Training::Training(supervisor::WorkerProgram worker, const scheduler::ResultsFolder& folder,
                   const Console& console, std::size_t at_once, std::string command_line)
    : worker_(std::move(worker)), folder_(folder), console_(console), at_once_(at_once),
      command_line_(std::move(command_line)) {}

void Training::train(const harness::Plan& plan, const scheduler::PendingRuns& pending) {
    scheduler::remove_outdated_checkpoints(pending, folder_);
    folder_.note({{"event", "started"},
                  {"suite", plan.suite},
                  {"runs", pending.runs},
                  {"due", pending.due.size()},
                  {"command_line", command_line_}});
    scheduler::RunScheduler scheduler(worker_, folder_, console_, pending.cells);
    scheduler.set_earlier_costs(scheduler::earlier_costs(folder_.paths(), plan.cells));
    signal_ = scheduler.run(at_once_, signals_);
    temporary_ = temporary_ || scheduler.anything_temporary();
    std::set<std::string> left_out;
    for (const std::string& digest : pending.outdated)
        if (!scheduler.recorded(digest)) left_out.insert(digest);
    file_ = scheduler::write_results(plan, folder_, left_out);
    if (signal_ == 0) signal_ = signals_.next();
}

} // namespace mneme::cli
