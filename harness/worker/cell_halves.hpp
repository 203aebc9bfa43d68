// SPDX-License-Identifier: Apache-2.0
// A cell whose replicas have not all room at once is run in parts. What a replica learns does not
// depend on its neighbours.
#pragma once

#include <functional>
#include <vector>

#include <results/block.hpp>

#include "protocol/cell.hpp"

namespace mneme::harness {

using protocol::Cell;

// Thrown by what runs a cell of more than one run, when memory does not suffice for all of them at
// once.
struct OutOfMemory {};

bool wants_memory(const std::exception&); // whether more of it would have helped: LibTorch's, or a
                                          // plugin's MNEME_MEMORY

// run(cell); where that throws OutOfMemory: its two halves one after the other, each in the same
// way.
// Blocks in the order of the cell's runs. `split` is told of each cell that was cut, before its
// halves are run.
std::vector<results::Block> run_in_halves(
    const Cell&, const std::function<std::vector<results::Block>(const Cell&)>& run,
    const std::function<void(const Cell&)>& split);

} // namespace mneme::harness
