// SPDX-License-Identifier: Apache-2.0
// What of a plan is left to do.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <plan/planner.hpp>
#include <results/block.hpp>

#include <base/status_output.hpp>

#include "scheduler/results_folder.hpp"

namespace mneme::scheduler {

enum class Stale { rerun, keep, error };

// Which runs count, and what happens to those that are finished.
struct Repeat {
    Stale stale = Stale::rerun; // finished runs of another plugin or harness
    bool force = false;         // repeat finished runs too
    std::vector<std::string> methods = {}, benchmarks = {}; // only these; empty: all
    std::set<std::string> tried = {}; // digests that this command has trained, whatever came of it

    bool selected(const protocol::Cell&, const protocol::Run&) const;
    bool selected(const results::Block&, std::size_t method) const;
};

struct PendingRuns {
    std::size_t runs = 0;               // of the plan
    std::vector<protocol::Cell> cells;  // with the runs that are due
    std::vector<protocol::Cell> done;   // of which no run is due
    std::set<std::string> due;          // digests of the runs that are
    std::set<std::string> outdated;     // of those, the ones whose file counts no longer
    std::set<std::string> fresh;        // of those, the ones that must not go on from a checkpoint
    std::vector<std::string> sentences; // why finished runs are repeated, for the user
};

// Throws base::ExitError (bad_input) under --stale error when a finished run is stale.
PendingRuns pending_runs(const harness::Plan&, const ResultsFolder&, const Repeat&);

// Says why finished runs are repeated, and how many are due.
void report_due(const PendingRuns&, const base::StatusOutput&);

// A checkpoint of another plugin cannot be continued by this one; one of a cell that is done was
// left by a worker that died after its last file.
void remove_outdated_checkpoints(const PendingRuns&, const ResultsFolder&);

} // namespace mneme::scheduler
