// SPDX-License-Identifier: Apache-2.0
// Trains what is due of a plan and merges what is there, once or several times under one command.
#pragma once

#include <set>
#include <string>

#include <plan/planner.hpp>
#include <results/block.hpp>

#include "cli/console.hpp"
#include "scheduler/pending_runs.hpp"
#include "scheduler/results_folder.hpp"
#include "supervisor/signals.hpp"
#include "supervisor/worker_program.hpp"

namespace mneme::cli {

class Training final {
  public:
    // `at_once` workers; 0: one a core, or a GPU. Signals to stop are kept while this lives.
    Training(supervisor::WorkerProgram, const scheduler::ResultsFolder&, const Console&,
             std::size_t at_once, std::string command_line);

    // Afterwards DIR/results.h5 holds exactly the runs of the plan.
    void train(const harness::Plan&, const scheduler::PendingRuns&);

    const results::File& file() const { return file_; } // as it was written
    int signal() const { return signal_; }              // that stopped it, or 0
    bool temporary() const { return temporary_; }       // some runs are to be started again
    bool stopped() const { return signal_ != 0 || temporary_; }

  private:
    const supervisor::WorkerProgram worker_;
    const scheduler::ResultsFolder& folder_;
    const Console& console_;
    const std::size_t at_once_;
    const std::string command_line_;
    const supervisor::StopSignals signals_;
    results::File file_;
    int signal_ = 0;
    bool temporary_ = false;
};

} // namespace mneme::cli
