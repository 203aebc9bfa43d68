// SPDX-License-Identifier: Apache-2.0
#include "cli/results_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <base/atomic_file.hpp>
#include <base/error.hpp>
#include <base/regular_file.hpp>
#include <base/system.hpp>

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

[[noreturn]] void cannot_write(const fs::path& path, int error) {
    const auto code = base::exit_code_for(error);
    const char* remedy = code == base::ExitCode::temporary
                             ? "free space there, then run again"
                             : "use a folder that can be written (-o DIR)";
    throw base::ExitError(code, fmt::format("{}: cannot be written: {}; {}", path.string(),
                                            std::strerror(error), remedy));
}

void write_all(int descriptor, const std::string& text, const fs::path& path) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t wrote = write(descriptor, text.data() + done, text.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) cannot_write(path, errno);
        done += std::size_t(wrote);
    }
}

std::string holder_text() {
    return fmt::format("process {} on {} since {}\n", getpid(), base::host_name(), base::utc_now());
}

} // namespace

ResultsFolder::ResultsFolder(const fs::path& path, Use use)
    : paths_(fs::absolute(path).lexically_normal()) {
    for (const fs::path& below : paths_.folders()) {
        std::error_code error;
        fs::create_directories(below, error);
        if (error) cannot_write(paths_.path(), error.value());
        if (access(below.c_str(), W_OK | X_OK) != 0) cannot_write(below, errno);
    }
    lock(use);
    log_ = base::open_for_append(paths_.events());
    // A full disk is found now, not after an hour of training.
    base::replace_file(paths_.path() / ".probe", std::string(4096, '\n'));
    fs::remove(paths_.path() / ".probe");
}

void ResultsFolder::lock(Use use) {
    const fs::path file = paths_.lock();
    lock_ = base::Descriptor(
        open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666));
    if (!lock_.open()) cannot_write(file, errno);
    if (flock(lock_.number(), (use == Use::alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        // A file system without locks: what is written is whole at any time all the same.
        if (errno != EWOULDBLOCK) return;
        std::array<char, 512> text{};
        const ssize_t got = pread(lock_.number(), text.data(), text.size() - 1, 0);
        std::string holder(text.data(), got > 0 ? std::size_t(got) : 0);
        holder = holder.substr(0, holder.find('\n'));
        throw base::ExitError(
            base::ExitCode::temporary,
            fmt::format("{}: another mneme works in this folder ({}); wait until it has ended, or "
                        "give another folder with -o",
                        paths_.path().string(), holder.empty() ? "cells of a plan" : holder));
    }
    [[maybe_unused]] const int cut = ftruncate(lock_.number(), 0);
    if (use == Use::alone) write_all(lock_.number(), holder_text(), file);
}

void ResultsFolder::note(nlohmann::ordered_json event) const {
    nlohmann::ordered_json line{{"time", base::utc_now()}};
    line.update(event);
    const std::string text =
        line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    write_all(log_.number(), text,
              paths_.events()); // one write: lines of several processes do not mix
    fdatasync(log_.number());
}

} // namespace mneme::cli
