// SPDX-License-Identifier: Apache-2.0
// How the steps of a run are executed on its device.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <mneme/abi.h>

#include "host/kernels.hpp"
#include "protocol/cell.hpp"

namespace mneme::harness {

using protocol::Cell;

using GraphMaker = std::function<std::unique_ptr<host::Graph>()>;

// On a CPU the loss and divergence are read while a phase runs. A GPU works behind the program, and
// a read would wait for it, so it is read where a phase ends or is stopped.
struct ExecutionMode {
    GraphMaker make_graph; // empty: no step is recorded
    bool defers_reads = false;
    std::string not_captured_because; // empty: steps may be captured
    static ExecutionMode of(const Cell&, const mneme_method&);
};

} // namespace mneme::harness
