// SPDX-License-Identifier: Apache-2.0
// Signals that ask a worker to stop, and those that a plugin sends to its own process.
#pragma once

#include <csignal>

namespace mneme::harness {

// Set by a signal handler: the cell writes a checkpoint and ends with ExitCode::temporary.
extern volatile std::sig_atomic_t asked_to_stop;

// The first thing that the worker does. A signal from outside sets asked_to_stop. One that comes
// from this process or its group is a plugin's doing: waiting for a better moment would not help,
// so the worker says who sent it on `descriptor` and ends with ExitCode::internal.
void handle_stop_signals();
void report_signals_on(int descriptor);

// A question is answered at once or not at all: from now on a signal from outside ends the worker.
void end_at_stop_signals();

} // namespace mneme::harness
