// SPDX-License-Identifier: Apache-2.0
#include "isolate.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <filesystem>
#include <stdexcept>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message.hpp"

namespace mneme::results {

namespace {

constexpr char answered = '\x06',
               threw =
                   '\x15'; // the last byte; without one of them the child died before it was done

// Many times what reading a sound file of that size takes.
rlim_t patience(const std::string& file) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    return 20 + (error ? 0 : size / 10'000'000);
}

[[noreturn]] void child(const std::string& file, int out,
                        const std::function<std::string()>& work) {
    for (int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL})
        std::signal(number, SIG_DFL); // the parent's handlers are not for this
    const rlim_t seconds = patience(file);
    const rlimit no_core{0, 0}, time{seconds, seconds + 1};
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_CPU, &time);
    if (const int null = open("/dev/null", O_WRONLY); null >= 0)
        dup2(null, STDERR_FILENO); // what the allocator says when it dies
    std::string answer;
    try {
        answer = work() + answered;
    } catch (const std::runtime_error& e) {
        answer = std::string(e.what()) + threw;
    } catch (const std::exception& e) { // no memory for what the file claims to hold
        answer = say(file, ": cannot be read: ", e.what(),
                     "; the file is damaged, take another copy or run again") +
                 threw;
    }
    for (std::size_t sent = 0; sent < answer.size();) {
        const ssize_t n = ::write(out, answer.data() + sent, answer.size() - sent);
        if (n < 0 && errno != EINTR) break;
        sent += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    _exit(0); // no destructors: they are the parent's
}

} // namespace

std::string isolated(const std::string& file, const std::function<std::string()>& work) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw std::runtime_error(say(file, ": cannot be read: no pipe: ", std::strerror(errno),
                                     "; close some files and try again"));
    const pid_t pid = fork();
    if (pid < 0) {
        const int error = errno;
        close(ends[0]), close(ends[1]);
        throw std::runtime_error(say(file, ": cannot be read: no child process: ",
                                     std::strerror(error), "; end some and try again"));
    }
    if (pid == 0) child(file, ends[1], work);
    close(ends[1]);
    std::string answer;
    char buffer[65536];
    for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) != 0;) {
        if (n > 0) answer.append(buffer, static_cast<std::size_t>(n));
        else if (errno != EINTR) break;
    }
    close(ends[0]);
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    const char last = answer.empty() ? '\0' : answer.back();
    if (last != answered && last != threw)
        throw std::runtime_error(say(
            file,
            ": HDF5 crashed or hung on it: the file is damaged; take another copy or run again"));
    answer.pop_back();
    if (last == threw) throw std::runtime_error(answer);
    return answer;
}

} // namespace mneme::results
