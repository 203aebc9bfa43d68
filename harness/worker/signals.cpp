// SPDX-License-Identifier: Apache-2.0
#include "worker/signals.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include <base/error.hpp>

#include "protocol/messages.hpp"

namespace mneme::harness {

volatile std::sig_atomic_t asked_to_stop = 0;

namespace {

volatile std::sig_atomic_t ends_at_once = 0, descriptor = STDERR_FILENO;

// Made before it is needed: a signal handler may not allocate.
char complaint[512];
std::size_t complaint_size = 0;

// By kill(), raise() or their like, from this process, a fork of it, or a child in its group.
bool is_own(const siginfo_t& info) {
    if (info.si_code != SI_USER && info.si_code != SI_TKILL && info.si_code != SI_QUEUE)
        return false;
    return info.si_pid == getpid() || getpgid(info.si_pid) == getpgrp();
}

// Calls only what a signal handler may call.
extern "C" void on_stop_signal(int number, siginfo_t* info, void*) {
    if (is_own(*info)) {
        [[maybe_unused]] const auto written = write(descriptor, complaint, complaint_size);
        std::_Exit(static_cast<int>(base::ExitCode::internal));
    }
    if (!ends_at_once) {
        asked_to_stop = 1;
        return;
    }
    std::signal(number, SIG_DFL);
    raise(number); // comes when this handler has returned
}

} // namespace

void handle_stop_signals() {
    struct sigaction action {};
    action.sa_sigaction = &on_stop_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    for (const int number : {SIGTERM, SIGUSR1, SIGUSR2, SIGINT, SIGHUP})
        sigaction(number, &action, nullptr);
}

void report_signals_on(int to) {
    const std::string text =
        "\n" +
        protocol::write_message(protocol::Failure{
            "the plugin sent a stop signal to its own process; a method must not do that",
            base::ExitCode::internal}) +
        "\n";
    complaint_size = text.copy(complaint, sizeof complaint);
    descriptor = to;
}

void end_at_stop_signals() { ends_at_once = 1; }

} // namespace mneme::harness
