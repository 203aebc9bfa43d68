// SPDX-License-Identifier: Apache-2.0
// A suite, as read.
#pragma once

#include <string>
#include <vector>

#include <benchmarks/tasks.hpp>

#include "protocol/cell.hpp"
#include "protocol/spec.hpp"
#include "protocol/train_settings.hpp"

namespace mneme::harness {

using protocol::Benchmark;
using protocol::canonical;
using protocol::Cell;
using protocol::Json;
using protocol::Run;
using protocol::Setting;
using protocol::Settings;
using protocol::to_json;
using protocol::train_from;
using protocol::train_keys;

// A [[method]] of a suite, or one point of its grid.
struct Entry {
    std::string label, plugin;
    std::string where;       // of the [[method]] table
    Settings options, train; // after grids are expanded: one value each
};

struct Suite {
    std::string path, title;
    std::vector<Benchmark> benchmarks;
    std::vector<Entry> methods; // grids expanded
    std::vector<int64_t> seeds;
    std::string evaluate_on = "test", precision = "fp32";
    protocol::Limits limits;
    protocol::Evaluation evaluation;
    int64_t limit_train = 0, limit_test = 0; // examples of a task; 0: all
    // [benchmark][seed][task]; one seed where all see the same examples.
    std::vector<std::vector<std::vector<bench::TaskInfo>>> tasks;
    std::vector<std::string> notes; // what the user should know before the runs begin
};

} // namespace mneme::harness
