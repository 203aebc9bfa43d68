// SPDX-License-Identifier: Apache-2.0
#include <base/child_read.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mneme::base {

namespace fs = std::filesystem;

namespace {

// A piece is its length and its bytes. `fault` in place of a length: a length and a message follow.
constexpr uint64_t fault = ~uint64_t{0}, longest_message = 1 << 16;

// Processor seconds: many times what reading a sound file of that size takes.
rlim_t time_limit(const fs::path& file) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(file, error);
    return 5 + (error ? 0 : size / 1'000'000);
}

void write_all(int out, const void* from, std::size_t bytes) {
    for (const char* at = static_cast<const char*>(from); bytes > 0;) {
        const ssize_t n = ::write(out, at, bytes);
        if (n < 0 && errno != EINTR) _exit(1); // the parent does not read on
        if (n > 0) at += n, bytes -= static_cast<std::size_t>(n);
    }
}

void put_piece(int out, const void* from, std::size_t bytes) {
    const uint64_t length = bytes;
    write_all(out, &length, sizeof length);
    write_all(out, from, bytes);
}

void put_fault(int out, const std::string& message) {
    write_all(out, &fault, sizeof fault);
    put_piece(out, message.data(), std::min<std::size_t>(message.size(), longest_message));
}

[[noreturn]] void child(const fs::path& file, int out,
                        const std::function<void(const ChildRead::Put&)>& work) {
    for (int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL})
        std::signal(number, SIG_DFL); // the parent's handlers are not for this
    std::signal(SIGPIPE, SIG_IGN);
    const rlim_t seconds = time_limit(file);
    const rlimit no_core{0, 0}, time{seconds, seconds + 1};
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_CPU, &time);
    if (const int null = open("/dev/null", O_WRONLY); null >= 0)
        dup2(null, STDERR_FILENO); // what the allocator says when it dies
    try {
        work([out](const void* from, std::size_t bytes) { put_piece(out, from, bytes); });
    } catch (const std::runtime_error& e) {
        put_fault(out, e.what());
    } catch (const std::exception& e) { // no memory for what the file claims to hold
        put_fault(out, file.string() + ": cannot be read (" + e.what() +
                           "); the file is damaged, take another copy or write it again");
    }
    _exit(0); // no destructors: they are the parent's
}

} // namespace

ChildRead::ChildRead(const fs::path& file, const std::function<void(const Put&)>& work)
    : file_(file) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw std::runtime_error(file.string() + ": cannot be read, there is no pipe (" +
                                 std::strerror(errno) + "); close some files and try again");
    child_ = fork();
    if (child_ < 0) {
        const int error = errno;
        close(ends[0]), close(ends[1]);
        throw std::runtime_error(file.string() + ": cannot be read, there is no child process (" +
                                 std::strerror(error) + "); end some processes and try again");
    }
    if (child_ == 0) {
        close(ends[0]); // or a write would wait for the child itself to read
        child(file, ends[1], work);
    }
    close(ends[1]);
    from_ = ends[0];
}

ChildRead::~ChildRead() {
    close(from_); // a child that still writes ends by that
    while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void ChildRead::died() const {
    throw std::runtime_error(
        file_.string() +
        ": HDF5 crashed or hung on it: the file is damaged; take another copy or run again");
}

void ChildRead::read(void* to, std::size_t bytes) {
    for (char* at = static_cast<char*>(to); bytes > 0;) {
        const ssize_t n = ::read(from_, at, bytes);
        if (n == 0 || (n < 0 && errno != EINTR)) died();
        if (n > 0) at += n, bytes -= static_cast<std::size_t>(n);
    }
}

std::uint64_t ChildRead::next_length() {
    std::uint64_t length = 0;
    read(&length, sizeof length);
    if (length != fault) return length;
    read(&length, sizeof length);
    if (length > longest_message) died();
    std::string message(length, '\0');
    read(message.data(), message.size());
    throw std::runtime_error(message);
}

void ChildRead::take(void* to, std::size_t bytes) {
    if (next_length() != bytes) died(); // its memory is damaged
    read(to, bytes);
}

std::string ChildRead::take_text(std::size_t most) {
    const std::uint64_t length = next_length();
    if (length > most) died();
    std::string text(length, '\0');
    read(text.data(), text.size());
    return text;
}

std::string read_in_child(const fs::path& file, const std::function<std::string()>& work) {
    ChildRead child(file, [&](const ChildRead::Put& put) {
        const std::string answer = work();
        put(answer.data(), answer.size());
    });
    return child.take_text();
}

} // namespace mneme::base
