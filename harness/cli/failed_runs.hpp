// SPDX-License-Identifier: Apache-2.0
// The runs of a plan that failed, for the end of `mneme run`: hours of output may lie between a
// failure and the user who comes back.
#pragma once

#include <string>
#include <vector>

#include <results/block.hpp>

#include "scheduler/pending_runs.hpp"

namespace mneme::cli {

// A sentence for each selected run that failed, timed out or was refused: which, why, and where its
// log lies. In the order of the plan.
std::vector<std::string> failed_runs(const harness::Plan&, const results::File&,
                                     const scheduler::ResultsFolder&, const scheduler::Repeat&);

} // namespace mneme::cli
