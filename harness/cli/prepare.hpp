// SPDX-License-Identifier: Apache-2.0
// From a suite to a plan, for `run` and `plan`: everything that can be wrong is found here, before
// anything trains.
#pragma once

#include <string>

#include <plan/planner.hpp>

#include "cli/console.hpp"
#include "cli/options.hpp"
#include "cli/results_folder.hpp"

namespace mneme::cli {

std::filesystem::path results_path(const PlanningOptions&); // -o, or results/<stem of the suite>

// Constructs every method once in a worker and writes DIR/plan.json.
harness::Plan prepare(const PlanningOptions&, const harness::Suite&, const ResultsFolder&,
                      const Console&, const std::string& command_line);

harness::Suite read_suite(const PlanningOptions&);

} // namespace mneme::cli
