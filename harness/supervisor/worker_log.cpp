// SPDX-License-Identifier: Apache-2.0
#include "supervisor/worker_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <base/text.hpp>

namespace mneme::supervisor {
namespace {

constexpr std::size_t most_of_tail = 600;

} // namespace

WorkerLog::WorkerLog(const std::filesystem::path& path, std::uint64_t most)
    : path_(path), most_(most) {
    if (path.empty()) return;
    unlink(path.c_str()); // a link or a pipe that somebody has put there
    file_ = base::Descriptor(
        open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
}

WorkerLog::~WorkerLog() {
    if (file_.open() && written_ == 0) unlink(path_.c_str());
    if (!file_.open() || dropped_ == 0) return;
    const std::string last =
        fmt::format("\n[the log ends here: {} more bytes were dropped]\n", dropped_);
    [[maybe_unused]] const auto written = write(file_.number(), last.data(), last.size());
}

void WorkerLog::add(std::string_view text) {
    tail_.append(text.substr(text.size() - std::min(text.size(), most_of_tail)));
    if (tail_.size() > most_of_tail) tail_.erase(0, tail_.size() - most_of_tail);
    if (!file_.open()) return;
    const std::size_t room = std::size_t(std::min<std::uint64_t>(text.size(), most_ - written_));
    const ssize_t written = room > 0 ? write(file_.number(), text.data(), room) : 0;
    written_ += written > 0 ? std::uint64_t(written) : 0;
    dropped_ += text.size() - std::size_t(std::max<ssize_t>(written, 0));
}

std::string WorkerLog::last_line() const {
    const auto end = tail_.find_last_not_of(" \n\r");
    if (end == tail_.npos) return {};
    const auto begin = tail_.rfind('\n', end);
    return base::one_line(tail_.substr(begin == tail_.npos ? 0 : begin + 1,
                                       end - (begin == tail_.npos ? 0 : begin + 1) + 1));
}

} // namespace mneme::supervisor
