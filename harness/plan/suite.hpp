// SPDX-License-Identifier: Apache-2.0
// Reading a suite file and what stands above it on the command line. Every fault is an
// ExitError (bad_input) with the text "file:line:column: what is wrong; what to do".
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace mneme::harness {

// What the command line says. Strings as typed.
struct Overrides {
    std::vector<std::string> set;            // --set: "seeds=3", "method.ewc.lambda=5"
    std::string seeds;                       // --seeds: "5" or "2,4"; empty: the suite's
    int64_t max_seeds = 0;                   // --max-seeds of a run until decided; 0: none
    int64_t limit_train = 0, limit_test = 0; // --limit, --limit-test; 0: none
    std::vector<std::filesystem::path>
        benchmark_folders;                           // in order of search, the shipped one last
    std::vector<std::filesystem::path> data_folders; // likewise
};

// Reads and checks the suite and its benchmark files, reads every byte of their data sets once, and
// expands the grids.
Suite load_suite(const std::filesystem::path&, const Overrides&);

} // namespace mneme::harness
