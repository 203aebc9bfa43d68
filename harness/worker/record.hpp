// SPDX-License-Identifier: Apache-2.0
// What the runs of a cell have left so far, and the checkpoint that carries it over a restart.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <benchmarks/stream.hpp>
#include <results/block.hpp>

#include "host/snapshot.hpp"
#include "plan/plan.hpp"

namespace mneme::harness {

inline constexpr int64_t curve_points = 50; // a task

// Where a run goes on: before step `step` of phase `phase` of task `task`. phase -1: before
// begin_task.
struct Position {
    int64_t task = 0, phase = -1, step = 0;
};

struct Checkpoint {
    Position at;
    host::Snapshot learner;
    std::vector<results::Block> blocks; // one a run
    std::vector<double> loss_sum, loss_weight;
    std::string conv_impl = {}; // as the results keep it
};

// One block a run, with names, sizes and provenance filled in.
results::Block start_block(const Cell&, const Run&, const bench::Stream&);

// DIR/checkpoints/<cell's digest>. Written whole or not at all; one that cannot be read, or belongs
// to other runs, is passed over.
std::filesystem::path checkpoint_path(const Cell&);
void save(const Cell&, const Checkpoint&);
std::optional<Checkpoint> load(const Cell&);

// Puts the arrays of a checkpoint into a fresh block.
void adopt(results::Block& fresh, const results::Block& kept);

// Writes DIR/runs/<digest>.h5 for each run.
void write_runs(const Cell&, const std::vector<results::Block>&);

} // namespace mneme::harness
