// SPDX-License-Identifier: Apache-2.0
#include "cli/results_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <fmt/format.h>
#include <mneme/error.hpp>

#include "cli/exit_code.hpp"
#include "cli/failure.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

[[noreturn]] void cannot_write(const fs::path& path, int error) {
    const char* remedy = exit_code_of(error) == temporary
                             ? "free space there, then run again"
                             : "a folder that can be written (-o DIR) would be right";
    throw Error(
        fmt::format("{}: cannot be written: {}; {}", path.string(), std::strerror(error), remedy),
        exit_code_of(error));
}

void write_all(int descriptor, const std::string& text, const fs::path& path) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t wrote = write(descriptor, text.data() + done, text.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) cannot_write(path, errno);
        done += std::size_t(wrote);
    }
}

std::string host_name() {
    std::array<char, 256> name{};
    gethostname(name.data(), name.size() - 1);
    return name.data();
}

std::string holder_text() {
    return fmt::format("process {} on {} since {}\n", getpid(), host_name(), utc_now());
}

} // namespace

std::string utc_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

ResultsFolder::ResultsFolder(const fs::path& path, Use use)
    : path_(fs::absolute(path).lexically_normal()) {
    for (const char* below : {"runs", "logs", "cells"}) {
        std::error_code error;
        fs::create_directories(path_ / below, error);
        if (error) cannot_write(path_, error.value());
        if (access((path_ / below).c_str(), W_OK | X_OK) != 0) cannot_write(path_ / below, errno);
    }
    lock(use);
    log_ = Descriptor(
        open((path_ / "log.jsonl").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!log_.open()) cannot_write(path_ / "log.jsonl", errno);
    write_file(path_ / ".probe",
               std::string(4096, '\n')); // a full disk is found now, not after an hour of training
    fs::remove(path_ / ".probe");
}

void ResultsFolder::lock(Use use) {
    const fs::path file = path_ / ".lock";
    lock_ = Descriptor(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!lock_.open()) cannot_write(file, errno);
    if (flock(lock_.number(), (use == Use::alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return; // a file system without locks: what is written is whole at any time all the
                    // same
        std::array<char, 512> text{};
        const ssize_t got = pread(lock_.number(), text.data(), text.size() - 1, 0);
        std::string holder(text.data(), got > 0 ? std::size_t(got) : 0);
        holder = holder.substr(0, holder.find('\n'));
        throw Error(fmt::format("{}: another mneme works in this folder ({}); wait until it has "
                                "ended, or give another folder with -o",
                                path_.string(), holder.empty() ? "cells of a plan" : holder),
                    temporary);
    }
    [[maybe_unused]] const int cut = ftruncate(lock_.number(), 0);
    if (use == Use::alone) write_all(lock_.number(), holder_text(), file);
}

void ResultsFolder::note(nlohmann::ordered_json event) const {
    nlohmann::ordered_json line{{"time", utc_now()}};
    line.update(event);
    const std::string text =
        line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    write_all(log_.number(), text,
              path_ / "log.jsonl"); // one write: lines of several processes do not mix
    fdatasync(log_.number());
}

void ResultsFolder::write_file(const fs::path& path, const std::string& text) const {
    const fs::path draft = fmt::format("{}.tmp.{}", path.string(), getpid());
    try {
        const Descriptor file(open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
        if (!file.open()) cannot_write(draft, errno);
        write_all(file.number(), text, draft);
        if (fsync(file.number()) != 0) cannot_write(draft, errno);
        fs::rename(draft, path);
    } catch (...) {
        std::error_code ignored;
        fs::remove(draft, ignored);
        throw;
    }
}

} // namespace mneme::cli
