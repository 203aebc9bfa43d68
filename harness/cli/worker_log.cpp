// SPDX-License-Identifier: Apache-2.0
#include "cli/worker_log.hpp"

#include <fcntl.h>

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace mneme::cli {

WorkerLog::WorkerLog(const std::filesystem::path& path, std::uint64_t most)
    : path_(path), most_(most) {
    if (!path.empty())
        file_ = Descriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
}

WorkerLog::~WorkerLog() {
    if (file_.open() && written_ == 0) unlink(path_.c_str());
    if (!file_.open() || dropped_ == 0) return;
    const std::string last =
        fmt::format("\n[the log ends here: {} more bytes were dropped]\n", dropped_);
    [[maybe_unused]] const auto written = write(file_.number(), last.data(), last.size());
}

void WorkerLog::add(std::string_view text) {
    if (!file_.open()) return;
    const std::size_t room = std::size_t(std::min<std::uint64_t>(text.size(), most_ - written_));
    const ssize_t written = room > 0 ? write(file_.number(), text.data(), room) : 0;
    written_ += written > 0 ? std::uint64_t(written) : 0;
    dropped_ += text.size() - std::size_t(std::max<ssize_t>(written, 0));
}

} // namespace mneme::cli
