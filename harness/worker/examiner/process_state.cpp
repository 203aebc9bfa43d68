// SPDX-License-Identifier: Apache-2.0
#include "worker/examiner/process_state.hpp"

#include <cerrno>
#include <cfenv>
#include <cfloat>
#include <chrono>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mneme::harness::examiner {
namespace {

std::string working_directory() {
    std::error_code error;
    const auto path = std::filesystem::current_path(error);
    return error ? error.message() : path.string();
}

std::string file_mode_mask() { // umask() could only be read by setting it
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.rfind("Umask:", 0) == 0) return line.substr(line.find_last_of("\t ") + 1);
    return "unknown";
}

std::string rounding_mode() {
    switch (std::fegetround()) {
        case FE_TONEAREST: return "to nearest";
        case FE_DOWNWARD: return "downward";
        case FE_UPWARD: return "upward";
        case FE_TOWARDZERO: return "toward zero";
        default: return "unknown";
    }
}

std::string subnormal_numbers() {
    volatile float smallest = FLT_MIN, half = 0.5f;
    volatile float product = smallest * half;
    return product > 0 ? "kept" : "flushed to zero";
}

std::string handler_of(int signal) {
    struct sigaction action {};
    if (::sigaction(signal, nullptr, &action) != 0) return "unknown";
    if (action.sa_handler == SIG_DFL) return "the default";
    if (action.sa_handler == SIG_IGN) return "to ignore it";
    char text[40];
    std::snprintf(text, sizeof text, "a function at %p",
                  reinterpret_cast<void*>(action.sa_handler));
    return text;
}

std::string blocked_signals() {
    sigset_t blocked;
    ::sigemptyset(&blocked);
    ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    std::string out;
    for (int s = 1; s < NSIG; ++s)
        if (::sigismember(&blocked, s) == 1) out += (out.empty() ? "" : ", ") + std::to_string(s);
    return out.empty() ? "none" : out;
}

std::string timers() {
    for (const auto which : {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF}) {
        itimerval value{};
        if (::getitimer(which, &value) == 0 && (value.it_value.tv_sec || value.it_value.tv_usec))
            return "running";
    }
    return "none";
}

std::string entries_of(const char* folder) {
    std::error_code error;
    std::size_t n = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        n += !entry.path().empty();
    return std::to_string(n);
}

std::string child_processes() {
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 ? "some" : "none";
}

std::string limits() {
    std::string out;
    for (const auto resource : {RLIMIT_AS, RLIMIT_CORE, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE,
                                RLIMIT_NOFILE, RLIMIT_STACK}) {
        rlimit limit{};
        ::getrlimit(resource, &limit);
        out += (out.empty() ? "" : " ") + std::to_string(limit.rlim_cur);
    }
    return out;
}

} // namespace

ProcessState ProcessState::now() {
    ProcessState state;
    const auto add = [&](const std::string& name, const std::string& value) {
        state.facts_.emplace_back(name, value);
    };
    const char* locale = std::setlocale(LC_ALL, nullptr);
    add("locale", locale ? locale : "unknown");
    add("working directory", working_directory());
    add("file mode mask", file_mode_mask());
    add("rounding mode", rounding_mode());
    add("handling of subnormal numbers", subnormal_numbers());
    add("set of floating-point traps", std::to_string(::fegetexcept()));
    for (int signal = 1; signal < NSIG; ++signal)
        add("handler of signal " + std::to_string(signal), handler_of(signal));
    add("set of blocked signals", blocked_signals());
    add("set of timers", timers());
    add("number of threads", entries_of("/proc/self/task"));
    add("set of child processes", child_processes());
    add("number of open files", entries_of("/proc/self/fd"));
    add("set of resource limits", limits());
    add("priority", std::to_string(::getpriority(PRIO_PROCESS, 0)));
    return state;
}

ProcessState ProcessState::before_a_plugin() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    return now();
}

std::string ProcessState::change_to(const ProcessState& later) const {
    for (std::size_t k = 0; k < facts_.size(); ++k)
        if (facts_[k].second != later.facts_[k].second)
            return "the " + facts_[k].first + " of the process was " + facts_[k].second +
                   " and is " + later.facts_[k].second + " now";
    return {};
}

std::string failure_at_exit(double within_s) {
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) return std::string("the process cannot be copied: ") + std::strerror(errno);
    if (child == 0) {
        const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, stream);
        std::exit(0);
    }
    const auto begin = std::chrono::steady_clock::now();
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
        if (std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() >
            within_s) {
            ::kill(child, SIGKILL);
            ::waitpid(child, &status, 0);
            return "the process does not end: a handler that runs at its exit hangs";
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    if (WIFSIGNALED(status))
        return "the process ends with signal " + std::to_string(WTERMSIG(status)) + " at its exit";
    if (WEXITSTATUS(status) != 0)
        return "the process ends with " + std::to_string(WEXITSTATUS(status)) +
               " where it exits with 0";
    return {};
}

} // namespace mneme::harness::examiner
