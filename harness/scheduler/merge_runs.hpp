// SPDX-License-Identifier: Apache-2.0
// From files of single runs to one file.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <plan/planner.hpp>
#include <results/block.hpp>
#include <results/merge.hpp>

#include "scheduler/results_folder.hpp"

namespace mneme::scheduler {

using Paths = std::vector<std::filesystem::path>;

// Exactly the runs of the plan, under its labels; one without a usable file is `missing`.
// `left_out`: digests whose file does not count.
results::File merge_plan(const harness::Plan&, const ResultsFolder&,
                         const std::set<std::string>& left_out);

// What `run` writes: DIR/results.h5.
results::File write_results(const harness::Plan&, const ResultsFolder&,
                            const std::set<std::string>& left_out);

// Every run in folders (their runs/*.h5) and every results file named. Throws when two disagree on
// what a benchmark is.
results::File merge_paths(const Paths&);

// Writes the same to a file, in a stream: in memory are some hundred bytes of each run, not its
// numbers.
results::Merge::Written collect(const Paths&, const std::filesystem::path& to);

// What a reader of results means by a path: a file, or a folder's results.h5, or else its runs.
// `imported`, where it is asked for, takes the blocks of other programs' numbers, which cannot be
// merged with runs.
results::File read_results(const Paths&, std::vector<results::Block>* imported = nullptr);

} // namespace mneme::scheduler
