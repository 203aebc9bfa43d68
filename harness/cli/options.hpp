// SPDX-License-Identifier: Apache-2.0
// The command line as values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/table.hpp"

namespace mneme::cli {

using Paths = std::vector<std::filesystem::path>;

struct Options {
    std::string command; // "run", "list", ...
    bool quiet = false, json = false;

    std::filesystem::path suite, output, plan_file;
    Paths paths;      // leaderboard, collect, validate, status
    std::string what; // list: methods, ...; describe: a name; data: list, check, fetch; check: a
                      // file; new-plugin: a name
    std::string name; // data: one set; check: or empty for all
    std::int64_t index = 0; // cell

    std::vector<std::string> set;
    std::string seeds, device = "auto";
    std::int64_t limit_train = 0, limit_test = 0, jobs = 0, replicas = 0; // 0: the default
    std::string stale = "rerun";
    bool force = false, keep_weights = false;

    Paths plugin_folders, data_folders, benchmark_folders;
    std::filesystem::path from;       // data fetch: a folder that has the files
    std::vector<std::string> mirrors; // data fetch: addresses instead of the official ones
    std::int64_t patience = 0;        // data fetch, in seconds; 0: the default
    bool plugins_from_environment = false;
    std::filesystem::path locked;  // list of the plugins that are allowed
    std::vector<std::string> only; // check: names; empty: all
    bool valgrind = false;         // check: `memory` too
    bool lengthy = false;          // list benchmarks: what a worker must count, too
    std::int64_t stall_limit = 0;  // check, in seconds; 0: the default
    std::filesystem::path torch;

    std::string metric = "average_accuracy";
    Format format = Format::table;
};

struct Parsed {
    Options options;
    std::optional<int>
        exit; // set when there is nothing left to do: help was printed, or the usage was wrong
};

// Prints help, version, completion script and usage errors itself.
Parsed parse(int argc, char** argv);

} // namespace mneme::cli
