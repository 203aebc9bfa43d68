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
#include <sys/socket.h>
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

// From now on the child may use the time that one file may take. SIGXCPU ends it; where it reads no
// other file, the hard limit does so a second later, which could not be raised again.
void limit_time(const fs::path& file, ChildRead::Files files) {
    rusage used{};
    rlimit limit{};
    if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &limit) != 0) return;
    const rlim_t spent = rlim_t(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1;
    limit.rlim_cur = std::min(limit.rlim_max, spent + time_limit(file));
    if (files == ChildRead::Files::one)
        limit.rlim_max = std::min(limit.rlim_max, limit.rlim_cur + 1);
    setrlimit(RLIMIT_CPU, &limit);
}

// Whole, or false where the other side has ended.
bool read_all(int from, void* to, std::size_t bytes) {
    for (char* at = static_cast<char*>(to); bytes > 0;) {
        const ssize_t n = ::read(from, at, bytes);
        if (n == 0 || (n < 0 && errno != EINTR)) return false;
        if (n > 0) at += n, bytes -= static_cast<std::size_t>(n);
    }
    return true;
}

std::string cannot_be_read(const fs::path& file, const std::exception& error) {
    return file.string() + ": cannot be read (" + error.what() +
           "); the file is damaged, take another copy or write it again";
}

[[noreturn]] void child(const fs::path& file, int out,
                        const std::function<void(const ChildRead::Put&)>& work,
                        ChildRead::Files files) {
    for (int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU})
        std::signal(number, SIG_DFL); // the parent's handlers are not for this
    std::signal(SIGPIPE, SIG_IGN);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    limit_time(file, files);
    if (const int null = open("/dev/null", O_WRONLY); null >= 0)
        dup2(null, STDERR_FILENO); // what the allocator says when it dies
    try {
        work([out](const void* from, std::size_t bytes) { put_piece(out, from, bytes); });
    } catch (const std::runtime_error& e) {
        put_fault(out, e.what());
    } catch (const std::exception& e) { // no memory for what the file claims to hold
        put_fault(out, cannot_be_read(file, e));
    }
    _exit(0); // no destructors: they are the parent's
}

} // namespace

ChildRead::ChildRead(const fs::path& file, const std::function<void(const Put&)>& work, Files files)
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
        child(file, ends[1], work, files);
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
    if (!read_all(from_, to, bytes)) died();
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

namespace {

// MSG_NOSIGNAL: a child that has died is no reason for this process to end.
bool send_all(int to, const void* from, std::size_t bytes) {
    for (const char* at = static_cast<const char*>(from); bytes > 0;) {
        const ssize_t n = ::send(to, at, bytes, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) return false;
        if (n > 0) at += n, bytes -= static_cast<std::size_t>(n);
    }
    return true;
}

ChildReader::Answer answer_of(const std::function<ChildReader::Answer(const fs::path&)>& work,
                              const fs::path& file) {
    try {
        limit_time(file, ChildRead::Files::many);
        return work(file);
    } catch (const std::runtime_error&) {
        throw;
    } catch (const std::exception& e) {
        throw std::runtime_error(cannot_be_read(file, e));
    }
}

} // namespace

bool ChildReader::ask(const fs::path& file) {
    const std::uint64_t length = file.native().size();
    return child_ && send_all(questions_.number(), &length, sizeof length) &&
           send_all(questions_.number(), file.c_str(), length);
}

void ChildReader::start(const fs::path& file) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw std::runtime_error(file.string() + ": cannot be read, there is no socket (" +
                                 std::strerror(errno) + "); close some files and try again");
    const Descriptor hears(ends[1]);
    questions_ = Descriptor(ends[0]);
    const auto answers = [&](const ChildRead::Put& put) {
        close(ends[0]); // or the child would not hear that its parent was killed
        for (std::uint64_t length; read_all(ends[1], &length, sizeof length);) {
            std::string path(length, '\0');
            if (!read_all(ends[1], path.data(), path.size())) return;
            const Answer answer = answer_of(work_, path);
            put(answer.bytes.data(), answer.bytes.size());
            put(&answer.sound, sizeof answer.sound);
            if (!answer.sound) return;
        }
    };
    child_.emplace(file, answers, ChildRead::Files::many);
    ++started_;
}

// The sockets are shut, not only closed: a later child of this process may hold a copy of them, and
// the one that is waited for must hear the end all the same.
void ChildReader::end() {
    if (questions_.open()) shutdown(questions_.number(), SHUT_RDWR);
    child_.reset();
    questions_ = Descriptor();
}

std::string ChildReader::read(const fs::path& file) {
    if (!ask(file)) {
        end();
        start(file);
        if (!ask(file)) child_->died();
    }
    try {
        child_->go_on_with(file);
        std::string bytes = child_->take_text();
        bool sound = false;
        child_->take(&sound, sizeof sound);
        if (!sound) end();
        return bytes;
    } catch (const std::runtime_error&) {
        end();
        throw;
    }
}

} // namespace mneme::base
