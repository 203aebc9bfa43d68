// SPDX-License-Identifier: Apache-2.0
#include "scheduler/progress.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace mneme::scheduler {
namespace {

constexpr std::chrono::seconds between_plain_lines{15}; // a log of an hour stays readable
constexpr std::chrono::seconds shown_for{2}; // each running cell has its turn in the one line
constexpr std::chrono::milliseconds between_drawings{100};

std::string bar(double share) {
    const auto full = std::size_t(std::clamp(share, 0.0, 1.0) * 10);
    return "[" + std::string(full, '#') + std::string(10 - full, '.') + "]";
}

} // namespace

std::string duration(double seconds) {
    const auto whole = std::int64_t(std::max(0.0, seconds) + 0.5);
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

Progress::Progress(const base::StatusOutput& output, std::size_t cells)
    : output_(output), cells_(cells), begun_(Clock::now()), said_(begun_) {}

void Progress::begin(std::size_t cell, const std::string& title) {
    running_[cell] = {title, {}, Clock::now()};
    draw();
}

void Progress::move(std::size_t cell, const supervisor::WorkerPosition& at) {
    One& one = running_[cell];
    const bool task_ended = at.task > one.at.task && one.at.task > 0;
    one.at = at;
    if (task_ended && !output_.live() && Clock::now() - said_ > between_plain_lines) {
        said_ = Clock::now();
        output_.say(fmt::format("{}: {}, {} left", one.title, where(one), time_left()));
    }
}

void Progress::end(std::size_t cell, const std::string& how) {
    const One one = running_[cell];
    running_.erase(cell);
    ++ended_;
    said_ = Clock::now();
    output_.say(
        fmt::format("{} of {}: {}: {}, {}", ended_, cells_, one.title, how,
                    duration(std::chrono::duration<double>(Clock::now() - one.begun).count())));
    draw();
}

std::string Progress::where(const One& one) const {
    std::string text =
        one.at.task == 0 ? "starting" : fmt::format("task {}/{}", one.at.task, one.at.tasks);
    if (one.at.accuracy) text += fmt::format(", accuracy {:.4f}", *one.at.accuracy);
    return text;
}

std::string Progress::time_left() const {
    double done = double(ended_);
    for (const auto& [cell, one] : running_) done += one.at.share();
    const double past = std::chrono::duration<double>(Clock::now() - begun_).count();
    return done < 0.02 ? "?" : duration(past / done * (double(cells_) - done));
}

void Progress::draw() {
    const auto now = Clock::now();
    if (!output_.live() || running_.empty() || now - drawn_ < between_drawings) return;
    drawn_ = now;
    if (now - turned_ > shown_for) {
        turned_ = now;
        ++shown_;
    }
    const One& one = std::next(running_.begin(), std::ptrdiff_t(shown_ % running_.size()))->second;
    double done = double(ended_);
    for (const auto& [cell, each] : running_) done += each.at.share();
    output_.draw(fmt::format("{} {}/{} {} left | {} | {}", bar(done / double(cells_)), ended_,
                             cells_, time_left(), where(one), one.title));
}

} // namespace mneme::scheduler
