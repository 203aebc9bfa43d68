// SPDX-License-Identifier: Apache-2.0
// The report: one HTML file that needs no other, no network and no script to be read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <results/block.hpp>

namespace mneme::report {

struct RunName {
    std::string benchmark, method;
    std::int32_t seed = 0;
    bool operator==(const RunName&) const = default;
};

struct LogEnd { // of a run that is not complete
    RunName run;
    std::string path, text;
};

struct Input {
    results::File file;
    std::vector<LogEnd> logs;
    std::vector<RunName> missing; // runs of a plan of which the file knows nothing
    std::string sources;          // the paths that were read
    std::string command_line;     // that made the page
    std::string version;          // of the program
    std::string made_utc;
};

std::string page(const Input&);

} // namespace mneme::report
