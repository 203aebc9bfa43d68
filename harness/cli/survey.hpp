// SPDX-License-Identifier: Apache-2.0
// What of a plan is left to do.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <plan/planner.hpp>

#include "cli/console.hpp"
#include "cli/options.hpp"
#include "cli/results_folder.hpp"

namespace mneme::cli {

struct Survey {
    std::size_t runs = 0;               // of the plan
    std::vector<harness::Cell> cells;   // with the runs that are due
    std::set<std::string> due;          // their digests
    std::set<std::string> outdated;     // of those, the ones whose file counts no longer
    std::set<std::string> afresh;       // of those, the ones that must not go on from a checkpoint
    std::vector<std::string> sentences; // why finished runs are repeated, for the user
};

// Throws mneme::Error (65) under --stale error when a finished run is stale.
Survey survey_of(const harness::Plan&, const ResultsFolder&, const RepeatOptions&);

// Says why finished runs are repeated, and how many are due.
void report_due(const Survey&, const Console&);

// A checkpoint of another plugin is no beginning for this one.
void forget_checkpoints(const Survey&, const ResultsFolder&);

} // namespace mneme::cli
