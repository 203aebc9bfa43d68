// SPDX-License-Identifier: Apache-2.0
// Parts of the command line that several commands share, each with the function that declares it.
// What one command alone has stands in the file of the command.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "leaderboard/table.hpp"
#include "scheduler/pending_runs.hpp"

namespace mneme::cli {

using leaderboard::Format;
using leaderboard::Table;

struct PluginOptions {
    Paths folders;
    bool from_environment = false; // search $MNEME_PLUGIN_PATH too
    std::filesystem::path locked;  // list of the plugins that are allowed; empty: all are
};
void declare(Arguments&, PluginOptions&);
void declare_locked(Arguments&, std::filesystem::path&);

struct DataOptions {
    Paths folders;    // of data sets
    Paths benchmarks; // folders of benchmark files
};
void declare(Arguments&, DataOptions&);

struct WorkerOptions {
    PluginOptions plugins;
    std::filesystem::path torch;
};
void declare(Arguments&, WorkerOptions&);
void declare_torch(Arguments&, std::filesystem::path&);

void declare_json(Arguments&, bool&);

// The format of a table.
struct OutputOptions {
    bool json = false;
    std::string format = "table";

    Format wanted() const { return json ? Format::json : leaderboard::format_named(format); }
};
void declare(Arguments&, OutputOptions&, const std::string& help);

// What decides which runs there are, for `run` and `plan`.
struct PlanningOptions {
    std::filesystem::path suite, output;
    std::vector<std::string> set;
    std::string seeds, device = "auto";
    std::int64_t limit_train = 0, limit_test = 0, replicas = 0; // 0: the default
    std::int64_t max_seeds = 0; // of a run until decided; 0: the suite's seeds
    bool keep_weights = false;
    WorkerOptions worker;
    DataOptions data;
};
void declare(Arguments&, PlanningOptions&);

// What happens to runs that are finished.
struct RepeatOptions {
    std::string stale = "rerun"; // those of another plugin or harness: rerun, keep or error
    bool force = false;

    scheduler::Repeat repeat() const;
};
void declare(Arguments&, RepeatOptions&);

} // namespace mneme::cli
