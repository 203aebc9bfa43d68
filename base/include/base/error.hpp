// SPDX-License-Identifier: Apache-2.0
// How the programs end, and the exception that says so. A plugin's status codes (mneme/abi.h) and a
// loader's verdict are types of their own.
#pragma once

#include <stdexcept>
#include <string>

namespace mneme::base {

// The programs' exit codes: an interface for scripts and schedulers (docs/operations.md).
enum class ExitCode : int {
    done = 0,
    some_failed = 1,     // `run` with failed runs; `check` and `doctor` with a fault
    usage = 64,          // the command line
    bad_input = 65,      // permanent: a suite, a data set, a file
    plugin_refused = 69, // permanent: a plugin that was found, but cannot be used
    internal = 70,       // a fault of ours, or a worker that died
    temporary = 75,      // no space, a lost device, pre-empted: try again
    interrupted = 130,   // Ctrl-C
};

// From a number that another process reported; one that is not in the list above is `internal`.
ExitCode exit_code_from(int);

// How a program ends that could not read or write because of an errno: `temporary` where the next
// try may succeed, `bad_input` where it cannot.
ExitCode exit_code_for(int error_number);

// Ends the command with `code`. The message reads: where: what is wrong; what to do.
class ExitError final : public std::runtime_error {
  public:
    ExitError(ExitCode code, const std::string& message)
        : std::runtime_error(message), code_(code) {}
    ExitCode code() const noexcept { return code_; }

  private:
    ExitCode code_;
};

} // namespace mneme::base
