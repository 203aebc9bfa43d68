// SPDX-License-Identifier: Apache-2.0
// The runs of a results folder, each with how it ended.
#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <plan/planner.hpp>
#include <protocol/run_folder.hpp>
#include <results/reader.hpp>

namespace mneme::cli {

struct RunLine {
    std::string digest, benchmark, method;
    std::int64_t seed = 0;
    std::string outcome = {}; // of results::Outcome, or "misplaced", "unreadable"
    std::string message = {};
    double accuracy = std::nan("");
    std::string log = {}; // its cell's; empty: there is none
};

class RunLines final {
  public:
    explicit RunLines(const std::filesystem::path& folder) : folder_(folder) {}

    // The plan's runs in its order, or without a plan every run there is. A file is read again when
    // it has changed.
    std::vector<RunLine> read();

  private:
    struct Seen {
        std::filesystem::file_time_type written;
        RunLine line;
    };

    // `cell` and `run`: whose file it should be; null where there is no plan.
    RunLine line_of(RunLine, results::Reader&, const protocol::Cell* cell,
                    const protocol::Run* run);
    std::vector<RunLine> planned();
    std::vector<RunLine> found();

    const protocol::RunFolder folder_;
    std::optional<harness::Plan> plan_;
    std::filesystem::file_time_type plan_written_;
    std::map<std::string, Seen> seen_; // by digest
};

// "4 runs: 2 complete, 2 failed".
std::string summary(const std::vector<RunLine>&);

} // namespace mneme::cli
