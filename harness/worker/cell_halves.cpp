// SPDX-License-Identifier: Apache-2.0
#include "worker/cell_halves.hpp"

#include <iterator>
#include <tuple>

#include <c10/util/Exception.h>

#include <mneme/abi.h>
#include <mneme/error.hpp>

namespace mneme::harness {

bool wants_memory(const std::exception& e) {
    const auto* ours = dynamic_cast<const Error*>(&e);
    return ours ? ours->code() == MNEME_MEMORY
                : dynamic_cast<const c10::OutOfMemoryError*>(&e) != nullptr;
}

std::vector<results::Block> run_in_halves(
    const Cell& cell, const std::function<std::vector<results::Block>(const Cell&)>& run,
    const std::function<void(const Cell&)>& split) {
    try {
        return run(cell);
    } catch (const OutOfMemory&) {
        // The halves are run below: here what was tried still holds its memory.
    }
    split(cell);
    Cell first = cell, second = cell;
    std::tie(first.runs, second.runs) = protocol::halves(cell.runs);
    auto blocks = run_in_halves(first, run, split), rest = run_in_halves(second, run, split);
    std::move(rest.begin(), rest.end(), std::back_inserter(blocks));
    return blocks;
}

} // namespace mneme::harness
