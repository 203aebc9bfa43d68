// SPDX-License-Identifier: Apache-2.0
#include "scheduler/results_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include <fmt/format.h>
#include <base/atomic_file.hpp>
#include <base/error.hpp>
#include <base/regular_file.hpp>
#include <base/system.hpp>

namespace fs = std::filesystem;

namespace mneme::scheduler {
namespace {

using base::ExitCode;

[[noreturn]] void cannot_write(const fs::path& path, int error) {
    const bool later = base::is_temporary(error);
    throw base::ExitError(
        later ? ExitCode::temporary : ExitCode::bad_input,
        fmt::format("{}: cannot be written: {}; {}", path.string(), std::strerror(error),
                    later ? "free space there, then run again"
                          : "give a folder that can be written (-o DIR)"));
}

void write_whole(const fs::path& path, const std::string& text) {
    try {
        base::replace_file(path, text);
    } catch (const std::system_error& error) {
        cannot_write(path, error.code().value());
    }
}

// What a folder holds may be a stranger's: a link in it could lead anywhere.
void make_folder(const fs::path& path) {
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(path, error)))
        throw base::ExitError(ExitCode::bad_input,
                              fmt::format("{}: is a symbolic link; a results folder holds folders "
                                          "of its own, remove the link",
                                          path.string()));
    fs::create_directories(path, error);
    if (error) cannot_write(path, error.value());
    if (access(path.c_str(), W_OK | X_OK) != 0) cannot_write(path, errno);
}

void write_all(int descriptor, const std::string& text, const fs::path& path) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t wrote = write(descriptor, text.data() + done, text.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) cannot_write(path, errno);
        done += std::size_t(wrote);
    }
}

// A full disk has cut the last line off.
bool ends_within_a_line(const fs::path& file) {
    const base::Descriptor in(open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    char last = '\n';
    const off_t size = lseek(in.number(), 0, SEEK_END);
    return in.open() && size > 0 && pread(in.number(), &last, 1, size - 1) == 1 && last != '\n';
}

// `holder` below holds a lock for an instant when somebody asks who works here.
bool take(int file, int kind) {
    for (int attempt = 0; attempt < 20; ++attempt) {
        if (flock(file, kind | LOCK_NB) == 0) return true;
        if (errno != EWOULDBLOCK) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    errno = EWOULDBLOCK;
    return false;
}

std::string holder_of(int file) {
    std::array<char, 512> text{};
    const ssize_t got = pread(file, text.data(), text.size() - 1, 0);
    const std::string holder(text.data(), got > 0 ? std::size_t(got) : 0);
    return holder.empty() ? "cells of a plan" : holder.substr(0, holder.find('\n'));
}

base::Descriptor opened_lock(const fs::path& folder) {
    return base::Descriptor(open(protocol::RunFolder(folder).lock().c_str(),
                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

std::string holder_text() {
    return fmt::format("process {} on {} since {}\n", getpid(), base::host_name(), base::utc_now());
}

} // namespace

ResultsFolder::ResultsFolder(const fs::path& path, Use use)
    : paths_(fs::absolute(path).lexically_normal()) {
    std::error_code made;
    fs::create_directories(paths_.path(), made); // a link to the folder itself is the user's own
    if (made) cannot_write(paths_.path(), made.value());
    for (const fs::path& below : paths_.folders()) make_folder(below);
    lock(use);
    if (use == Use::alone) remove_abandoned();
    log_ = base::open_for_append(paths_.events());
    write_whole(paths_.path() / ".probe", std::string(4096, '\n')); // a full disk is found now
    fs::remove(paths_.path() / ".probe");
}

// What a killed or full-disk run left half written.
void ResultsFolder::remove_abandoned() const {
    base::remove_abandoned_files(paths_.path());
    for (const fs::path& below : paths_.folders()) base::remove_abandoned_files(below);
    std::error_code error;
    for (fs::directory_iterator at(paths_.cells(), error), end; !error && at != end;
         at.increment(error))
        if (protocol::RunFolder::is_progress(at->path())) {
            std::error_code ignored;
            fs::remove(at->path(), ignored);
        }
}

void ResultsFolder::lock(Use use) {
    const fs::path file = paths_.lock();
    lock_ = base::Descriptor(
        open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666));
    if (!lock_.open()) cannot_write(file, errno);
    struct stat info {};
    if (fstat(lock_.number(), &info) != 0 || !S_ISREG(info.st_mode))
        throw base::ExitError(ExitCode::bad_input,
                              fmt::format("{}: is not a regular file; remove it", file.string()));
    if (!take(lock_.number(), use == Use::alone ? LOCK_EX : LOCK_SH)) {
        if (errno != EWOULDBLOCK)
            return; // a file system without locks: what is written is whole at any time all the
                    // same
        throw base::ExitError(
            ExitCode::temporary,
            fmt::format("{}: another mneme works in this folder ({}); wait until it has "
                        "ended, or give another folder with -o",
                        paths_.path().string(), holder_of(lock_.number())));
    }
    [[maybe_unused]] const int cut = ftruncate(lock_.number(), 0);
    if (use == Use::alone) write_all(lock_.number(), holder_text(), file);
}

std::optional<std::string> ResultsFolder::holder(const fs::path& path) {
    const base::Descriptor lock = opened_lock(path);
    if (!lock.open() || flock(lock.number(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return std::nullopt;
    return holder_of(lock.number());
}

std::optional<std::string> ResultsFolder::works_alone(const fs::path& path) {
    const base::Descriptor lock = opened_lock(path);
    if (!lock.open() || take(lock.number(), LOCK_SH) || errno != EWOULDBLOCK) return std::nullopt;
    return holder_of(lock.number());
}

void ResultsFolder::note(nlohmann::ordered_json event) const {
    nlohmann::ordered_json line{{"time", base::utc_now()}};
    line.update(event);
    const std::string text =
        line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    // One write: lines of several processes do not mix.
    write_all(log_.number(), ends_within_a_line(paths_.events()) ? "\n" + text : text,
              paths_.events());
    fdatasync(log_.number());
}

} // namespace mneme::scheduler
