// SPDX-License-Identifier: Apache-2.0
// How the programs end: an interface for scripts and schedulers (docs/operations.md).
#pragma once

namespace mneme::cli {

enum ExitCode : int {
    done = 0,
    some_failed = 1, // `run` with failed runs; `check` and `doctor` with a fault
    usage = 64,
    bad_input = 65,    // permanent: config, data or file
    refused = 69,      // permanent: a plugin that was found, but cannot be used
    fault = 70,        // ours, or a worker that died
    temporary = 75,    // no space, device lost, pre-empted: try again
    interrupted = 130, // Ctrl-C
};

} // namespace mneme::cli
