// SPDX-License-Identifier: Apache-2.0
// From the options of `run` and `plan` to a plan.
#pragma once

#include <filesystem>
#include <string>

#include <plan/planner.hpp>

#include "cli/console.hpp"
#include "cli/options.hpp"
#include "scheduler/results_folder.hpp"

namespace mneme::cli {

std::filesystem::path results_path(const PlanningOptions&); // -o, or results/<stem of the suite>

harness::Suite read_suite(const PlanningOptions&);

harness::Plan make_plan(const PlanningOptions&, const harness::Suite&,
                        const scheduler::ResultsFolder&, const Console&,
                        const std::string& command_line);

} // namespace mneme::cli
