// SPDX-License-Identifier: Apache-2.0
#include "supervisor/signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cstring>

#include <base/system.hpp>

namespace mneme::supervisor {
namespace {

constexpr int stopping[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

volatile std::sig_atomic_t terminate_is_temporary = 0;

int code_number(int signal) {
    const bool temporary = signal == SIGUSR1 || (terminate_is_temporary && signal != SIGINT);
    return int(temporary ? base::ExitCode::temporary : base::ExitCode::interrupted);
}

extern "C" void end_at_once(int signal) { // calls only what a signal handler may call
    constexpr char text[] = "mneme: stopped by a signal before anything was trained\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text, sizeof text - 1);
    _exit(code_number(signal));
}

sigset_t watched() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : stopping) sigaddset(&set, number);
    sigaddset(&set, SIGCHLD);
    return set;
}

} // namespace

void prepare_process() {
    base::occupy_standard_descriptors();
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN); // a limit on the size of files is a fault of the write, said so
    for (const int number : stopping) {
        struct sigaction action {};
        if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
            continue; // nohup: who started us wants it to be ignored
        std::memset(&action, 0, sizeof action);
        action.sa_handler = &end_at_once;
        sigaction(number, &action, nullptr);
    }
}

base::ExitCode stop_code(int signal) { return base::exit_code_from(code_number(signal)); }

void treat_terminate_as_temporary() { terminate_is_temporary = 1; }

StopSignals::StopSignals() {
    const sigset_t set = watched();
    sigprocmask(SIG_BLOCK, &set, &before_);
    descriptor_ = base::Descriptor(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

StopSignals::~StopSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

int StopSignals::next() const {
    signalfd_siginfo info{};
    while (read(descriptor_.number(), &info, sizeof info) == ssize_t(sizeof info))
        if (info.ssi_signo != SIGCHLD) return int(info.ssi_signo);
    return 0;
}

} // namespace mneme::supervisor
