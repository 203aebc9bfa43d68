// SPDX-License-Identifier: Apache-2.0
// From a suite, and what the plugins answered to being constructed, to cells; and the plan as a
// file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace mneme::harness {

// Where a method's plugin was found.
struct PluginFile {
    std::string id, path, sha256, note;
};

struct PlanOptions {
    std::string device = "cpu"; // cpu, cuda
    int64_t replicas = 0;       // most runs in one cell; 0: one on cpu, no bound on cuda
    int threads = 1;
    bool keep_weights = false;
    std::vector<std::string> data_folders;
    std::string output, command_line;
};

struct Plan {
    std::string suite, title;
    std::vector<std::string> benchmarks, labels; // in suite order
    std::vector<int64_t> seeds;
    std::vector<Cell> cells; // benchmarks, then methods, then seeds, in suite order
};

// REQUEST.json of `mneme-worker construct`: every method on every benchmark once; entry b * methods
// + m. `plugins`: one per method. `gpu`: whether a GPU can be used is asked too, since a worker
// takes longer to start than to answer.
Json construct_request(const Suite&, const std::vector<PluginFile>& plugins, bool gpu);

// `answers`: the worker's `constructed` and `refused` messages, in any order. Throws what a refusal
// says, with its exit code; refuses a method that needs the task identity on a benchmark that hides
// it, and two methods that ask for one and the same run.
Plan make_plan(const Suite&, const std::vector<PluginFile>& plugins,
               const std::vector<Json>& answers, const PlanOptions&);

// Definitions, section 1. Uses the benchmark's digest and the run's effective values and seed.
std::string run_digest(const Cell&, const Run&);

// Complete or absent. Throws mneme::Error: 65, or 75 when the disk is full.
void write_plan(const std::filesystem::path&, const Plan&);
Plan read_plan(const std::filesystem::path&);
const Cell& cell_at(const Plan&, int64_t index); // throws (64) when there is none

Json to_json(const Plan&);
Plan plan_from_json(const Json&);

} // namespace mneme::harness
