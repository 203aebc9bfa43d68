// SPDX-License-Identifier: Apache-2.0
// From files of single runs to one file.
#pragma once

#include <set>
#include <string>

#include <plan/planner.hpp>
#include <results/block.hpp>

#include "cli/arguments.hpp"
#include "cli/results_folder.hpp"

namespace mneme::cli {

// Exactly the runs of the plan, under its labels; one without a usable file is `missing`.
// `left_out`: digests whose file does not count.
results::File gather_plan(const harness::Plan&, const ResultsFolder&,
                          const std::set<std::string>& left_out);

// What `run` writes: DIR/results.h5.
results::File write_results(const harness::Plan&, const ResultsFolder&,
                            const std::set<std::string>& left_out);

// Every run in folders (their runs/*.h5) and every results file named. Throws when two disagree on
// what a benchmark is.
results::File gather_runs(const Paths&);

// What a reader of results means by a path: a file, or a folder's results.h5, or else its runs.
results::File read_results(const Paths&);

} // namespace mneme::cli
