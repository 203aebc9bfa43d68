// SPDX-License-Identifier: Apache-2.0
#include "cli/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <mneme/error.hpp>

#include "cli/exit_code.hpp"

extern char** environ;

namespace mneme::cli {
namespace {

constexpr int message_descriptor = 3;

// Both ends above 3, so that placing one end at 0 to 3 in the child cannot overwrite another.
std::pair<Descriptor, Descriptor> make_pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw Error(fmt::format("mneme: cannot make a pipe: {}", std::strerror(errno)), temporary);
    const Descriptor low[2]{Descriptor(ends[0]), Descriptor(ends[1])};
    std::pair<Descriptor, Descriptor> high{Descriptor(fcntl(ends[0], F_DUPFD_CLOEXEC, 10)),
                                           Descriptor(fcntl(ends[1], F_DUPFD_CLOEXEC, 10))};
    if (!high.first.open() || !high.second.open())
        throw Error(fmt::format("mneme: cannot make a pipe: {}", std::strerror(errno)), temporary);
    return high;
}

std::vector<std::string> environment_of(const Launch& launch) {
    std::map<std::string, std::string> all;
    for (char** at = environ; *at; ++at)
        if (const char* equals = std::strchr(*at, '='))
            all[std::string(*at, std::size_t(equals - *at))] = equals + 1;
    for (const auto& [key, value] : launch.environment) all[key] = value;
    std::vector<std::string> out;
    for (const auto& [key, value] : all) out.push_back(key + "=" + value);
    return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

// Everything the child needs, made before the fork: between fork and exec nothing may allocate.
struct Prepared {
    const char* program;
    char *const *arguments, *const *environment;
    int log, messages, report;
    pid_t parent;
    rlim_t address_space;
};

[[noreturn]] void leave(int report) {
    const int error = errno;
    [[maybe_unused]] const auto written = write(report, &error, sizeof error);
    _exit(127);
}

[[noreturn]] void become(const Prepared& p) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != p.parent)
        _exit(127); // the parent died before the line above: no signal will come
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    if (p.address_space > 0) {
        const rlimit space{p.address_space, p.address_space};
        setrlimit(RLIMIT_AS, &space);
    }
    for (int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD, SIGPIPE}) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    const int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(p.log, 1) < 0 || dup2(p.log, 2) < 0 ||
        dup2(p.messages, message_descriptor) < 0)
        leave(p.report);
    execve(p.program, p.arguments, p.environment);
    leave(p.report);
}

} // namespace

Child start(const Launch& launch) {
    auto messages = make_pipe(), log = make_pipe(), report = make_pipe();
    std::vector<std::string> arguments = launch.under;
    arguments.push_back(launch.program.string());
    arguments.insert(arguments.end(), launch.arguments.begin(), launch.arguments.end());
    std::vector<std::string> environment = environment_of(launch);
    const std::vector<char*> argv = pointers(arguments), envp = pointers(environment);
    const Prepared prepared{arguments[0].c_str(),
                            argv.data(),
                            envp.data(),
                            log.second.number(),
                            messages.second.number(),
                            report.second.number(),
                            getpid(),
                            rlim_t(launch.address_space)};

    const pid_t pid = fork();
    if (pid < 0)
        throw Error(fmt::format("mneme: cannot start a process: {}", std::strerror(errno)),
                    temporary);
    if (pid == 0) become(prepared);
    setpgid(pid, pid); // in both processes: whoever comes first

    report.second.close();
    int error = 0;
    ssize_t got;
    while ((got = read(report.first.number(), &error, sizeof error)) < 0 && errno == EINTR) {
    }
    if (got == sizeof error) {
        waitpid(pid, nullptr, 0);
        throw Error(fmt::format("{}: cannot be started: {}; a mneme-worker beside mneme, or its "
                                "path in MNEME_WORKER, would be right",
                                launch.program.string(), std::strerror(error)),
                    fault);
    }
    Child child{pid, std::move(messages.first), std::move(log.first)};
    for (const Descriptor* end : {&child.messages, &child.log})
        fcntl(end->number(), F_SETFL, O_NONBLOCK);
    return child;
}

std::uint64_t resident_bytes(pid_t pid) {
    std::ifstream in(fmt::format("/proc/{}/statm", pid));
    std::uint64_t size = 0, resident = 0;
    in >> size >> resident;
    return in ? resident * std::uint64_t(sysconf(_SC_PAGESIZE)) : 0;
}

} // namespace mneme::cli
