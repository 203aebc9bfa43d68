// SPDX-License-Identifier: Apache-2.0
// The worker server (`mneme-worker serve`): a process that has loaded LibTorch and forks a worker
// for each request of mneme (protocol/worker_child.hpp).
#pragma once

#include <string>
#include <vector>

namespace mneme::harness {

// Returns in each worker that is forked, with its command line, and never in the server, which ends
// with mneme, or at once where this process already has a second thread: a fork would lose it.
// `argv` is that of main(): the worker's command line is shown in its place.
std::vector<std::string> serve_workers(int argc, char** argv);

} // namespace mneme::harness
