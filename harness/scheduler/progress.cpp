// SPDX-License-Identifier: Apache-2.0
#include "scheduler/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <base/clock.hpp>
#include <base/system.hpp>

namespace mneme::scheduler {
namespace {

constexpr std::chrono::seconds between_plain_lines{15}; // a log of an hour stays readable
constexpr std::chrono::seconds shown_for{2}; // each running cell has its turn in the one line
constexpr std::chrono::milliseconds between_drawings{100};

std::string bar(double share) {
    const auto full = std::size_t(std::clamp(share, 0.0, 1.0) * 10);
    return "[" + std::string(full, '#') + std::string(10 - full, '.') + "]";
}

std::string where(const RunningCell& cell) {
    std::string text =
        cell.task == 0 ? "starting" : fmt::format("task {}/{}", cell.task, cell.tasks);
    if (cell.stage == "evaluate" && cell.steps > 0)
        text += fmt::format(", test {}/{}", cell.step, cell.steps);
    if (cell.accuracy) text += fmt::format(", accuracy {:.4f}", *cell.accuracy);
    return text;
}

} // namespace

std::string duration(double seconds) {
    const auto whole = std::int64_t(std::max(0.0, seconds) + 0.5);
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string title(const protocol::Cell& cell) {
    std::set<std::string> labels;
    std::vector<std::string> seeds;
    for (const protocol::Run& run : cell.runs) {
        labels.insert(run.label);
        seeds.push_back(std::to_string(run.seed));
    }
    const std::string who = labels.size() == 1
                                ? *labels.begin()
                                : fmt::format("{} ({} points)", cell.plugin.id, labels.size());
    const std::string which =
        labels.size() > 1
            ? fmt::format("{} runs", cell.runs.size())
            : fmt::format("seed{} {}", seeds.size() > 1 ? "s" : "", fmt::join(seeds, " "));
    return fmt::format("{}, {}, {}", who, which, cell.spec().name);
}

Progress::Progress(const base::StatusOutput& output, const std::vector<protocol::Cell>& cells)
    : output_(output), cells_(cells), begun_(cells.size()), said_(Clock::now()) {}

void Progress::begin(std::size_t cell) {
    running_[cell] = {title(cells_.at(cell)), {}, Clock::now(), {}};
    begun_[cell] = true;
    draw();
}

void Progress::move(std::size_t cell, const supervisor::WorkerPosition& at) {
    One& one = running_[cell];
    const bool task_ended = at.task > one.at.task && one.at.task > 0;
    one.at = at;
    one.clock.move(at, base::seconds_since(one.begun));
    if (task_ended && !output_.live() && Clock::now() - said_ > between_plain_lines) {
        said_ = Clock::now();
        output_.say(
            fmt::format("{}: {}, {} left", one.title, where(shown(cell, one)), time_left()));
    }
}

void Progress::end(std::size_t cell, const std::string& how) {
    const One one = running_[cell];
    running_.erase(cell);
    ++ended_;
    said_ = Clock::now();
    const double seconds = base::seconds_since(one.begun);
    costs_.add(cells_.at(cell), seconds);
    output_.say(fmt::format("{} of {}: {}: {}, {}", ended_, cells_.size(), one.title, how,
                            duration(seconds)));
    draw();
}

RunningCell Progress::shown(std::size_t cell, const One& one) const {
    const double seconds = base::seconds_since(one.begun);
    return {one.title,       cells_.at(cell).runs.front().digest,
            one.at.stage,    one.at.phase,
            one.at.task,     one.at.tasks,
            one.at.step,     one.at.steps,
            one.at.accuracy, one.clock.seconds_left(seconds),
            seconds};
}

CostBook Progress::costs() const {
    CostBook costs = costs_;
    for (const auto& [cell, one] : running_) {
        const double past = base::seconds_since(one.begun);
        if (const auto left = one.clock.seconds_left(past))
            costs.add(cells_.at(cell), past + *left);
    }
    return costs;
}

// Cells of kinds that have not run yet are taken to be as long as those of the same benchmark.
std::optional<double> Progress::seconds_left() const {
    const CostBook costs = this->costs();
    std::vector<double> running, waiting;
    for (const auto& [cell, one] : running_) {
        const double past = base::seconds_since(one.begun);
        const auto left = one.clock.seconds_left(past), whole = costs.seconds(cells_.at(cell));
        if (!left && !whole) return std::nullopt;
        running.push_back(left ? *left : std::max(0.0, *whole - past));
    }
    for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
        if (begun_[cell]) continue;
        const auto whole = costs.seconds(cells_[cell]);
        if (!whole) return std::nullopt;
        waiting.push_back(*whole);
    }
    return seconds_until_end(running, waiting, workers_);
}

std::string Progress::time_left() const {
    const auto left = seconds_left();
    return left ? duration(*left) : "?";
}

WorkState Progress::state() const {
    WorkState state{getpid(),
                    base::host_name(),
                    std::int64_t(cells_.size()),
                    std::int64_t(ended_),
                    std::int64_t(cells_.size() - ended_ - running_.size()),
                    seconds_left(),
                    {}};
    for (const auto& [cell, one] : running_) state.running.push_back(shown(cell, one));
    return state;
}

void Progress::draw() {
    const auto now = Clock::now();
    if (!output_.live() || running_.empty() || now - drawn_ < between_drawings) return;
    drawn_ = now;
    if (now - turned_ > shown_for) {
        turned_ = now;
        ++turn_;
    }
    const auto& [cell, one] = *std::next(running_.begin(), std::ptrdiff_t(turn_ % running_.size()));
    double done = double(ended_);
    for (const auto& [other, each] : running_) done += each.at.share();
    output_.draw(fmt::format("{} {}/{} {} left | {} | {}", bar(done / double(cells_.size())),
                             ended_, cells_.size(), time_left(), where(shown(cell, one)),
                             one.title));
}

} // namespace mneme::scheduler
