// SPDX-License-Identifier: Apache-2.0
// From a suite to a plan, for `run` and `plan`: everything that can be wrong is found here, before
// anything trains.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <plan/planner.hpp>

#include "scheduler/results_folder.hpp"
#include "supervisor/worker_program.hpp"

namespace mneme::scheduler {

struct PlanRequest {
    std::string device = "auto"; // auto, cpu, cuda
    std::int64_t replicas = 0;   // most runs in one cell; 0: the default of the device
    bool keep_weights = false;
    std::vector<std::filesystem::path> data_folders;
    std::string command_line;
    std::vector<std::int64_t> looks; // seeds at each look of a run until decided; empty: fixed
};

// Constructs every method once in a worker and writes DIR/plan.json. `plugins`: one per method.
harness::Plan plan_suite(const harness::Suite&, const std::vector<harness::PluginFile>& plugins,
                         const PlanRequest&, const supervisor::WorkerProgram&,
                         const ResultsFolder&);

} // namespace mneme::scheduler
