// SPDX-License-Identifier: Apache-2.0
// What the runs of a cell have left so far, and the checkpoint that carries it over a restart.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <benchmarks/network.hpp>
#include <benchmarks/stream.hpp>
#include <results/block.hpp>

#include "host/options.hpp"
#include "host/snapshot.hpp"
#include "protocol/cell.hpp"

namespace mneme::harness {

using protocol::Cell;
using protocol::Json;
using protocol::Run;
using protocol::Settings;

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

// The record of the cell's run number `run`, with names, sizes and provenance filled in. Throws
// ExitError (bad_input) where the effective settings are not those that the cell was planned with:
// its digest would name another run.
results::Block start_block(const Cell&, std::size_t run, const bench::Stream&,
                           const bench::Network&, const host::OptionBook&,
                           const std::string& conv_impl);

// Written whole or not at all; one that cannot be read, or that another plugin file, program or
// kind of device made, or that belongs to other runs, is passed over.
std::filesystem::path checkpoint_path(const Cell&);
void save(const Cell&, const Checkpoint&);
std::optional<Checkpoint> load(const Cell&);

// Puts the arrays and diagnostics of a checkpoint into a fresh block.
void adopt(results::Block& fresh, const results::Block& kept);

// Writes DIR/runs/<digest>.h5 for each run.
void write_runs(const Cell&, const std::vector<results::Block>&);

} // namespace mneme::harness
