// SPDX-License-Identifier: Apache-2.0
#include "worker/examiner/crash_report.hpp"

#include <array>
#include <csignal>
#include <cstddef>

#include <execinfo.h>
#include <unistd.h>

namespace mneme::harness::examiner {
namespace {

constexpr int most_frames = 16;
std::array<std::byte, 65536> other_stack; // its own may be what ran out

// Calls nothing that takes a lock: backtrace has loaded its library before.
void print_stack(int signal) {
    std::array<void*, most_frames> frames{};
    const int n = backtrace(frames.data(), most_frames);
    backtrace_symbols_fd(frames.data(), n, STDERR_FILENO);
    raise(signal); // by SA_RESETHAND the default
}

} // namespace

void print_stack_on_crash() {
    void* first = nullptr;
    backtrace(&first, 1);
    stack_t own{};
    own.ss_sp = other_stack.data();
    own.ss_size = other_stack.size();
    sigaltstack(&own, nullptr);
    struct sigaction action {};
    action.sa_handler = print_stack;
    action.sa_flags = SA_ONSTACK | static_cast<int>(SA_RESETHAND) | SA_NODEFER;
    for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
        sigaction(signal, &action, nullptr);
}

} // namespace mneme::harness::examiner
