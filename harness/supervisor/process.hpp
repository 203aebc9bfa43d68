// SPDX-License-Identifier: Apache-2.0
// Starting a worker so that an accident in it cannot hurt anyone else. POSIX and Linux only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <base/descriptor.hpp>

namespace mneme::supervisor {

class WorkerServer;

struct Launch {
    std::filesystem::path program;
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment; // set on top of ours
    std::uint64_t address_space = 0;                              // bytes, RLIMIT_AS; 0: no limit
    // A program, and its arguments, that runs `program`; empty: none.
    std::vector<std::string> under = {};
    std::string mark = {};          // set by start()
    WorkerServer* server = nullptr; // where it can, it forks the worker instead; null: none
};

// A child that leads its own process group. It dies with us (it must be started from the main
// thread: the kernel ties this to the thread), cannot gain privileges, has no stdin, leaves no
// core. Its fd 3 is the write end of `messages`, its stdout and stderr those of `log`; both are
// read without blocking.
struct Child {
    pid_t pid = -1;
    std::string mark; // in the environment of it and of all that it starts
    base::Descriptor messages, log;
};

// Throws base::ExitError (internal) when the program cannot be started.
Child start(const Launch&);

// The part of start() that executes the program: its child, which carries the launch's mark and
// writes to these descriptors. Throws as start().
pid_t execute(const Launch&, int log, int messages);

// Resident memory in bytes; 0 when the process is gone.
std::uint64_t resident_bytes(pid_t);

// Whether a signal has stopped it (SIGSTOP): it cannot use the time that passes.
bool is_stopped(pid_t);

// Kills the group, and what has left the group but carries the mark.
void kill_all(pid_t group, const std::string& mark);

} // namespace mneme::supervisor
