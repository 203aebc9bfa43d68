// SPDX-License-Identifier: Apache-2.0
// What `mneme plan` and `mneme run --dry-run` say of a plan before anything is trained.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <plan/planner.hpp>

#include "cli/kept_json.hpp"
#include "scheduler/pending_runs.hpp"

namespace mneme::cli {

// For methods that train alike, the effective [train] and the source of each value.
std::string train_lines(const harness::Plan&);
nlohmann::ordered_json train_json(const harness::Plan&);

// How long the runs that are due take with so many workers; nothing where no run of the folder says
// it.
std::optional<double> expected_seconds(const harness::Plan&, const scheduler::PendingRuns&,
                                       const scheduler::ResultsFolder&, std::size_t workers);
std::string time_line(const std::optional<double>& seconds, std::size_t workers);

} // namespace mneme::cli
