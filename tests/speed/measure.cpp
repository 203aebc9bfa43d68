// SPDX-License-Identifier: Apache-2.0
#include "measure.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mneme::speed {

double cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

Spread spread(std::vector<double> v) {
    if (v.empty())
        throw std::runtime_error("speed: nothing was measured; ask for at least one block");
    std::sort(v.begin(), v.end());
    const auto at = [&](double share) {
        return v[static_cast<std::size_t>(share * static_cast<double>(v.size() - 1) + 0.5)];
    };
    return {at(0.5), at(0.25), at(0.75)};
}

Row by_turns(const std::string& name, const std::string& unit, double scale, int64_t blocks,
             const std::function<double()>& ours, const std::function<double()>& bare) {
    std::vector<double> mine, theirs, ratios;
    ours(), bare(); // caches, page faults, the first call of each operator
    for (int64_t k = 0; k < blocks; ++k) {
        double a = 0, b = 0;
        if (k % 2) a = ours(), b = bare();
        else b = bare(), a = ours();
        mine.push_back(a * scale), theirs.push_back(b * scale), ratios.push_back(a / b);
    }
    return {name, unit, spread(mine), spread(theirs), spread(ratios), 0, blocks, 0};
}

namespace {

// CPU seconds of a program that is started, says its usage and ends.
double started(const std::string& program, const std::string& argument) {
    rusage before{}, after{};
    getrusage(RUSAGE_CHILDREN, &before);
    std::string copy = program, word = argument;
    char* arguments[] = {copy.data(), word.empty() ? nullptr : word.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (int fd : {STDOUT_FILENO, STDERR_FILENO})
        posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    const int fault = posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    while (!fault && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (fault || !WIFEXITED(status) || WEXITSTATUS(status) == 127)
        throw std::runtime_error(program + ": does not start; build it first");
    getrusage(RUSAGE_CHILDREN, &after);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(after.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_utime) -
           seconds(before.ru_stime);
}

} // namespace

std::vector<Row> start_up(const std::string& programs, double effort) {
    const auto blocks = static_cast<int64_t>(20 * effort) + 1;
    const auto empty = [] { return started("/bin/true", ""); };
    const std::string folder = programs + "/";
    return {by_turns(
                "mneme --help (bare: /bin/true)", "ms", 1e3, blocks,
                [&] { return started(folder + "mneme", "--help"); }, empty),
            by_turns(
                "mneme-worker, usage (bare: /bin/true)", "ms", 1e3, blocks,
                [&] { return started(folder + "mneme-worker", ""); }, empty)};
}

} // namespace mneme::speed
