// SPDX-License-Identifier: Apache-2.0
#include "worker/execution_mode.hpp"

namespace mneme::harness {

ExecutionMode ExecutionMode::of(const Cell& cell, const mneme_method& method) {
    if (cell.execution.device != "cuda") return {{}, false, "cpu"};
    if (!(method.flags & MNEME_CAPTURES))
        return {{}, true, "the method says that its steps cannot be"};
    return {host::cuda_graph, true, {}};
}

} // namespace mneme::harness
