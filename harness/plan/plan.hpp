// SPDX-License-Identifier: Apache-2.0
// From a suite to cells. A run is one (benchmark, method, grid point, seed) and is named by the
// digest of what it was asked to do; a cell is the runs that one worker trains together. No
// LibTorch here.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <benchmarks/spec.hpp>

namespace mneme::harness {

using Json = nlohmann::json;

// A value as the user wrote it, and where ("suite.toml:12:3", "--set").
struct Setting {
    Json value;
    std::string where;
};
using Settings = std::vector<std::pair<std::string, Setting>>; // in the order written

// A [[method]] of a suite, or one point of its grid.
struct Entry {
    std::string label, plugin;
    std::string where;       // of the [[method]] table
    Settings options, train; // after grids are expanded: one value each
};

struct Benchmark {
    bench::Spec spec;
    std::string
        digest; // SHA-256 over the canonical JSON of the effective keys and the payload digests
    std::string toml; // the effective keys, as TOML
};

struct Suite {
    std::string path, title;
    std::vector<Benchmark> benchmarks;
    std::vector<Entry> methods; // grids expanded
    std::vector<int64_t> seeds;
    std::string evaluate_on = "test", precision = "fp32";
    double wall_limit_s = 0, stall_limit_s = 600; // 0: none
    int64_t memory_limit_mib = 0;
    int64_t limit_train = 0, limit_test = 0;
};

// One run as asked for. `options` and `train` are what the suite gives; `effective_*` what the
// plugin made of them (defaults included).
struct Run {
    std::string digest, label;
    int64_t seed = 1;
    Settings options, train;
    Json effective_options, effective_train;
};

struct Cell {
    Benchmark benchmark;
    std::string plugin_id, plugin_path, plugin_sha256, plugin_version, plugin_paper, plugin_note;
    std::vector<Run> runs;
    int64_t limit_train = 0, limit_test = 0;
    std::string evaluate_on = "test", precision = "fp32", device = "cpu"; // cpu, cuda
    int threads = 1;
    bool keep_weights = false;
    std::vector<std::string> data_folders;
    std::string output; // DIR: runs/ and checkpoints/ are in it
    std::string command_line;
    double wall_limit_s = 0, stall_limit_s = 600;
    int64_t memory_limit_mib = 0;
};

// Exact round trip; the worker reads what the planner wrote.
Json to_json(const Cell&);
Cell cell_from_json(const Json&);
Json to_json(const bench::Spec&);
bench::Spec spec_from_json(const Json&);

// Sorted keys, no spaces, shortest round-trip numbers: equal settings give equal text.
std::string canonical(const Json&);

} // namespace mneme::harness
