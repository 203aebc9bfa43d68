// SPDX-License-Identifier: Apache-2.0
#include "supervisor/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <base/error.hpp>

#include "protocol/worker_child.hpp"
#include "supervisor/guardian.hpp"
#include "supervisor/worker_server.hpp"

extern char** environ;

namespace mneme::supervisor {
namespace {

using base::ExitCode;

// Both ends above 3, so that placing one end at 0 to 3 in the child cannot overwrite another.
std::pair<base::Descriptor, base::Descriptor> make_pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw base::ExitError(ExitCode::temporary,
                              fmt::format("mneme: cannot make a pipe: {}", std::strerror(errno)));
    const base::Descriptor low[2]{base::Descriptor(ends[0]), base::Descriptor(ends[1])};
    std::pair<base::Descriptor, base::Descriptor> high{
        base::Descriptor(fcntl(ends[0], F_DUPFD_CLOEXEC, 10)),
        base::Descriptor(fcntl(ends[1], F_DUPFD_CLOEXEC, 10))};
    if (!high.first.open() || !high.second.open())
        throw base::ExitError(ExitCode::temporary,
                              fmt::format("mneme: cannot make a pipe: {}", std::strerror(errno)));
    return high;
}

std::vector<std::string> environment_of(const Launch& launch) {
    std::map<std::string, std::string> all;
    for (char** at = environ; *at; ++at)
        if (const char* equals = std::strchr(*at, '='))
            all[std::string(*at, std::size_t(equals - *at))] = equals + 1;
    for (const auto& [key, value] : launch.environment) all[key] = value;
    all[protocol::mark_variable] = launch.mark;
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
    int report;
    protocol::WorkerPlace place;
};

[[noreturn]] void leave(int report) {
    const int error = errno;
    [[maybe_unused]] const auto written = write(report, &error, sizeof error);
    _exit(127);
}

[[noreturn]] void become(const Prepared& p) {
    errno = protocol::become_worker(p.place);
    if (errno == 0) execve(p.program, p.arguments, p.environment);
    leave(p.report);
}

} // namespace

pid_t execute(const Launch& launch, int log, int messages) {
    auto report = make_pipe();
    std::vector<std::string> arguments = launch.under;
    arguments.push_back(launch.program.string());
    arguments.insert(arguments.end(), launch.arguments.begin(), launch.arguments.end());
    std::vector<std::string> environment = environment_of(launch);
    const std::vector<char*> argv = pointers(arguments), envp = pointers(environment);
    const Prepared prepared{arguments[0].c_str(),
                            argv.data(),
                            envp.data(),
                            report.second.number(),
                            {getpid(), log, messages, launch.address_space}};

    const pid_t pid = fork();
    if (pid < 0)
        throw base::ExitError(ExitCode::temporary, fmt::format("mneme: cannot start a process: {}",
                                                               std::strerror(errno)));
    if (pid == 0) become(prepared);
    setpgid(pid, pid); // in both processes: whoever comes first
    Guardian::instance().watch(pid);

    report.second.close();
    int error = 0;
    ssize_t got;
    while ((got = read(report.first.number(), &error, sizeof error)) < 0 && errno == EINTR) {
    }
    if (got == sizeof error) {
        waitpid(pid, nullptr, 0);
        Guardian::instance().forget(pid);
        throw base::ExitError(
            ExitCode::internal,
            fmt::format("{}: cannot be started: {}; put mneme-worker beside mneme, or its path "
                        "into MNEME_WORKER",
                        launch.program.string(), std::strerror(error)));
    }
    return pid;
}

Child start(const Launch& wanted) {
    Launch launch = wanted;
    launch.mark = Guardian::instance().new_mark();
    auto messages = make_pipe(), log = make_pipe();
    pid_t pid = -1;
    if (launch.server) {
        pid = launch.server->fork_worker(launch, log.second.number(), messages.second.number());
        if (pid > 0) Guardian::instance().watch(pid);
    }
    if (pid < 0) pid = execute(launch, log.second.number(), messages.second.number());
    Child child{pid, launch.mark, std::move(messages.first), std::move(log.first)};
    for (const base::Descriptor* end : {&child.messages, &child.log})
        fcntl(end->number(), F_SETFL, O_NONBLOCK);
    return child;
}

std::uint64_t resident_bytes(pid_t pid) {
    std::ifstream in(fmt::format("/proc/{}/statm", pid));
    std::uint64_t size = 0, resident = 0;
    in >> size >> resident;
    return in ? resident * std::uint64_t(sysconf(_SC_PAGESIZE)) : 0;
}

bool is_stopped(pid_t pid) {
    std::ifstream in(fmt::format("/proc/{}/stat", pid));
    std::string line;
    std::getline(in, line);
    const auto name_end = line.rfind(") ");
    return name_end != line.npos && (line[name_end + 2] == 'T' || line[name_end + 2] == 't');
}

void kill_all(pid_t group, const std::string& mark) {
    kill(-group, SIGKILL);
    kill_marked(mark.c_str());
}

} // namespace mneme::supervisor
