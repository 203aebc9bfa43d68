// SPDX-License-Identifier: Apache-2.0
// Signals that ask this process to stop: SIGINT, SIGTERM, SIGHUP, SIGUSR1.
#pragma once

#include <csignal>

#include <base/descriptor.hpp>
#include <base/error.hpp>

namespace mneme::supervisor {

// The first thing that a program does. From then on descriptors 0 to 2 are always something (a
// closed one would be given to the next file that is opened, and text for people would end in that
// file); a reader of our text that has gone away does not end us; and a signal that comes outside
// of StopSignals ends the process at once with the exit code of stop_code.
void prepare_process();

// What the process that is stopped by a signal ends with. A cluster gives notice by SIGUSR1, and
// for `cell`, which is always resumed, by SIGTERM and SIGHUP as well.
base::ExitCode stop_code(int signal);
void treat_terminate_as_temporary();

// While an object of this class lives, these signals come as readable bytes and interrupt nothing.
class StopSignals final {
  public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    int descriptor() const { return descriptor_.number(); }
    int next() const; // the next signal that asks us to stop, or 0

  private:
    sigset_t before_;
    base::Descriptor descriptor_;
};

} // namespace mneme::supervisor
