// SPDX-License-Identifier: Apache-2.0
#include "supervisor/guardian.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "protocol/worker_child.hpp"

namespace mneme::supervisor {
namespace {

constexpr std::size_t most_groups = 4096;

struct Order {
    char what; // + or -
    pid_t group;
};

// Whether the text VARIABLE=PREFIX stands in the environment of a process. Environments are read in
// pieces of fixed size: the guardian must not allocate, it is the fork of a process with threads.
bool carries(const char* pid, const char* prefix) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%s/environ", pid);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    char wanted[128];
    std::snprintf(wanted, sizeof wanted, "%s=%s", protocol::mark_variable, prefix);
    const std::size_t length = std::strlen(wanted);
    bool found = false, beginning = true; // beginning: at the first letter of a variable
    std::size_t same = 0;
    char buffer[4096];
    for (ssize_t got; !found && (got = read(file, buffer, sizeof buffer)) > 0;)
        for (ssize_t i = 0; i < got && !found; ++i) {
            if (buffer[i] == 0) {
                beginning = true;
                same = 0;
            } else if (beginning && buffer[i] == wanted[same]) {
                found = ++same == length;
            } else {
                beginning = false;
            }
        }
    close(file);
    return found;
}

[[noreturn]] void guard(int from, const char* prefix) {
    static pid_t groups[most_groups];
    std::size_t count = 0;
    Order order;
    for (ssize_t got; (got = read(from, &order, sizeof order)) != 0;) {
        if (got != ssize_t(sizeof order)) {
            if (got < 0 && errno == EINTR) continue;
            break;
        }
        if (order.what == '+' && count < most_groups) groups[count++] = order.group;
        if (order.what == '-')
            for (std::size_t i = 0; i < count; ++i)
                if (groups[i] == order.group) groups[i--] = groups[--count];
    }
    for (std::size_t i = 0; i < count; ++i) kill(-groups[i], SIGKILL);
    if (count > 0) kill_marked(prefix);
    _exit(0);
}

} // namespace

void kill_marked(const char* prefix) {
    DIR* processes = opendir("/proc");
    if (!processes) return;
    const pid_t self = getpid();
    while (const dirent* entry = readdir(processes)) {
        const pid_t pid = std::atoi(entry->d_name);
        if (pid > 1 && pid != self && carries(entry->d_name, prefix)) kill(pid, SIGKILL);
    }
    closedir(processes);
}

Guardian& Guardian::instance() {
    static Guardian guardian;
    return guardian;
}

Guardian::Guardian()
    : prefix_(fmt::format("{}.{}.", getpid(),
                          std::chrono::steady_clock::now().time_since_epoch().count())) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return; // without it, only the workers themselves are killed
    const pid_t pid = fork();
    if (pid == 0) {
        setsid();
        for (int number = 1; number < NSIG; ++number) signal(number, SIG_IGN);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        // Nothing of ours may be held open: not the lock of a folder, not the reader of our text.
        dup2(ends[0], 3);
        for (int number = 0; number < 3; ++number) close(number);
        for (int number = 0; number < 3; ++number) open("/dev/null", O_RDWR);
        syscall(SYS_close_range, 4U, ~0U, 0U);
        guard(3, prefix_.c_str());
    }
    close(ends[0]);
    to_ = base::Descriptor(ends[1]);
}

std::string Guardian::new_mark() { return fmt::format("{}{:010}.", prefix_, next_++); }

void Guardian::send(char what, pid_t group) const {
    const Order order{what, group};
    if (to_.open()) [[maybe_unused]]
        const auto written = write(to_.number(), &order, sizeof order);
}

void Guardian::watch(pid_t group) { send('+', group); }
void Guardian::forget(pid_t group) { send('-', group); }

} // namespace mneme::supervisor
