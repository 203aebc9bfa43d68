// SPDX-License-Identifier: Apache-2.0
// Cells made by hand and run in this process, on streams that train in seconds.
#pragma once

#include <string>
#include <vector>

#include <mneme/abi.h>
#include <results/block.hpp>

#include "protocol/cell.hpp"

namespace mneme::harness {
struct ExecutionMode; // worker/execution_mode.hpp
}

namespace mneme::test {

// The table of a shipped plugin, by id (MNEME_PLUGINS in the environment names the folder), or of
// another by its path without .so.
const mneme_method& method(const std::string& id);

// Clusters of three classes a task, `kind` synthetic: each task is learned nearly without fault,
// and then forgotten.
bench::Spec small_stream(const std::string& scenario = "domain", int64_t tasks = 3);

protocol::Settings settings(const protocol::Json& object); // {"lambda": 5} as a suite would give it

// A cell of one run a seed, in a folder of its own under the system's temporary folder.
protocol::Cell cell(const std::string& plugin, const bench::Spec&,
                    const std::vector<int64_t>& seeds, const protocol::Json& options = {},
                    const protocol::Json& train = {});

std::vector<results::Block> run(const protocol::Cell&);
std::vector<results::Block> run(const protocol::Cell&, const mneme_method&,
                                const harness::ExecutionMode&);
std::vector<results::Block> run_stopped(
    const protocol::Cell&); // asked to stop in its first step, and run again from the checkpoint

// The inputs [B, D] of one step of the first phase of a task, as the first replica sees them.
std::vector<float> inputs_of(const protocol::Cell&, int64_t task, int64_t step);

// Also where both are NaN.
bool same_bits(const results::Array<float>&, const results::Array<float>&);

// Everything that must be equal between two runs of the same request: counts, losses, outcomes,
// curves, digests.
bool same_facts(const results::Block&, const results::Block&, std::string& difference);

} // namespace mneme::test
