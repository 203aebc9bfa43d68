// SPDX-License-Identifier: Apache-2.0
// From a suite, and what the plugins answered to being constructed, to cells; and the plan as a
// file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <base/error.hpp>

#include "plan/plan.hpp"
#include "plan/plan_text.hpp"
#include "protocol/messages.hpp"
#include "protocol/requests.hpp"

namespace mneme::harness {

// Where a method's plugin was found.
struct PluginFile {
    std::string id, path, sha256, note;
};

struct PlanOptions {
    protocol::Execution execution; // its precision is the suite's
    int64_t replicas = 0;          // most runs in one cell; 0: one on cpu, no bound on cuda
    bool keep_weights = false;     // after each task, whatever the suite says
    std::vector<std::string> data_folders;
    std::string output, command_line;
    std::vector<int64_t> looks = {}; // seeds at each look of a run until decided
};

struct Plan {
    std::string suite, title;
    std::vector<std::string> benchmarks, labels; // in suite order
    std::vector<int64_t> seeds;
    std::vector<Cell> cells; // benchmarks, then methods, then seeds, in suite order
};

// Every method on every benchmark once; entry b * methods + m. `plugins`: one per method.
protocol::ConstructRequest construct_request(const Suite&, const std::vector<PluginFile>& plugins,
                                             bool gpu);

// `answers`: what a worker said to the request, in any order; other messages than `constructed` and
// `refused` are passed over. Throws ExitError: what a refusal says, with its exit code; for a
// method that needs the task identity on a benchmark that hides it, and for two methods that ask
// for one and the same run.
Plan make_plan(const Suite&, const std::vector<PluginFile>& plugins,
               const std::vector<protocol::Message>& answers, const PlanOptions&);

// Complete or absent; throws as base::replace_file.
void write_plan(const std::filesystem::path&, const Plan&);

// Throws ExitError (bad_input) where the file is not a plan, or where a digest in it is not that of
// the settings beside it: a plan that was edited would file its runs under another suite's names.
Plan read_plan(const std::filesystem::path&);
// With these cells alone, the only ones that are decoded. Throws ExitError (usage) too, where the
// plan has not so many.
Plan read_plan(const std::filesystem::path&, CellRange);

Json to_json(const Plan&);
Plan plan_from_json(const Json&, const std::string& file); // as read_plan

} // namespace mneme::harness
