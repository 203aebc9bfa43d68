// SPDX-License-Identifier: Apache-2.0
#include "cli/suite_screen.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <base/text.hpp>

#include "cli/console.hpp"
#include "leaderboard/table.hpp"
#include "scheduler/progress.hpp"

namespace mneme::cli {
namespace {

using scheduler::duration;
using scheduler::RunningCell;
using scheduler::WorkState;

constexpr std::size_t shown_failures = 5;

bool has_failed(const RunLine& run) {
    return run.outcome != "complete" && run.outcome != "missing";
}

std::string ending(const RunLine& run) {
    std::string text =
        fmt::format("{}, seed {}, {}: {}", run.method, run.seed, run.benchmark, run.outcome);
    if (!std::isnan(run.accuracy)) text += fmt::format(", average accuracy {:.4f}", run.accuracy);
    if (!has_failed(run)) return text;
    if (!run.message.empty()) text += ": " + run.message;
    return text + (run.log.empty() ? "" : fmt::format(" (its log: {})", run.log));
}

std::map<std::string, const RunningCell*> running(const Snapshot& snapshot) {
    std::map<std::string, const RunningCell*> cells;
    for (const WorkState& state : snapshot.work)
        for (const RunningCell& cell : state.running) cells[cell.run] = &cell;
    return cells;
}

// "3 of 6 runs complete, 1 failed".
std::string counts(const Snapshot& now) {
    std::map<std::string, std::size_t> by_outcome;
    for (const RunLine& run : now.runs) ++by_outcome[run.outcome];
    std::string text =
        fmt::format("{} of {} runs complete", by_outcome["complete"], now.runs.size());
    for (const auto& [outcome, count] : by_outcome)
        if (outcome != "complete" && outcome != "missing")
            text += fmt::format(", {} {}", count, outcome);
    return text;
}

std::string heading(const Snapshot& now) {
    if (!now.holder) return "nothing runs here any more; " + counts(now);
    if (now.work.empty()) return counts(now) + "; data are being read, or results merged";
    std::optional<double> left = 0;
    std::int64_t waiting = 0;
    for (const WorkState& state : now.work) {
        waiting += state.waiting;
        left = left && state.seconds_left ? std::optional(std::max(*left, *state.seconds_left))
                                          : std::nullopt;
    }
    return counts(now) + fmt::format("; {}{} left",
                                     waiting > 0 ? fmt::format("{} not begun, ", waiting) : "",
                                     left ? "about " + duration(*left) : "time unknown");
}

void add(std::vector<std::string>& lines, const std::string& text) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
}

void add(std::vector<std::string>& lines, const leaderboard::Table& table) {
    lines.push_back("");
    add(lines, render(table, leaderboard::Format::table));
}

void add_running(std::vector<std::string>& lines, const Snapshot& now) {
    leaderboard::Table table{
        {{"runs now"}, {"at"}, {"accuracy", true}, {"for", true}, {"left", true}}, {}};
    for (const auto& [run, cell] : running(now))
        table.rows.push_back({cell->title, scheduler::place(*cell),
                              cell->accuracy ? fmt::format("{:.4f}", *cell->accuracy) : "-",
                              duration(cell->seconds),
                              cell->seconds_left ? duration(*cell->seconds_left) : "?"});
    if (!table.rows.empty()) add(lines, table);
}

// The last ones. A path is below the folder, so that it fits into 80 columns.
void add_failures(std::vector<std::string>& lines, const Snapshot& now, std::size_t columns) {
    std::vector<const RunLine*> failures;
    for (const RunLine& run : now.runs)
        if (has_failed(run)) failures.push_back(&run);
    if (failures.empty()) return;
    const std::size_t shown = std::min(failures.size(), shown_failures);
    lines.push_back("");
    lines.push_back(shown < failures.size() ? fmt::format("the last {} of {} that did not complete",
                                                          shown, failures.size())
                                            : "did not complete");
    for (std::size_t k = failures.size() - shown; k < failures.size(); ++k) {
        RunLine run = *failures[k];
        run.log.clear();
        add(lines, leaderboard::wrapped(ending(run), columns));
        if (!failures[k]->log.empty())
            lines.push_back("  logs/" +
                            std::filesystem::path(failures[k]->log).filename().string());
    }
}

// A row a method, a column a benchmark; means over the seeds that are complete.
void add_accuracy(std::vector<std::string>& lines, const Snapshot& now) {
    struct Cell {
        double sum = 0;
        std::size_t complete = 0, seeds = 0;
    };
    std::vector<std::string> methods, benchmarks;
    const auto note = [](std::vector<std::string>& names, const std::string& name) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    };
    std::map<std::pair<std::string, std::string>, Cell> cells;
    for (const RunLine& run : now.runs) {
        note(methods, run.method);
        note(benchmarks, run.benchmark);
        Cell& cell = cells[{run.method, run.benchmark}];
        ++cell.seeds;
        if (std::isnan(run.accuracy)) continue;
        cell.sum += run.accuracy;
        ++cell.complete;
    }
    leaderboard::Table table{{{"accuracy so far"}}, {}};
    for (const std::string& benchmark : benchmarks) table.columns.push_back({benchmark, true});
    for (const std::string& method : methods) {
        table.rows.push_back({method});
        for (const std::string& benchmark : benchmarks) {
            const Cell& cell = cells[{method, benchmark}];
            const std::string seeds = fmt::format(" ({}/{})", cell.complete, cell.seeds);
            table.rows.back().push_back(
                (cell.complete ? fmt::format("{:.4f}", cell.sum / double(cell.complete)) : "-") +
                seeds);
        }
    }
    if (!table.rows.empty()) add(lines, table);
}

} // namespace

std::vector<std::string> screen(const Snapshot& now, const std::string& folder, std::size_t columns,
                                std::size_t rows) {
    std::vector<std::string> lines;
    add(lines, leaderboard::wrapped(fmt::format("{}: {}", folder, heading(now)), columns));
    add_running(lines, now);
    add_failures(lines, now, columns);
    add_accuracy(lines, now);
    if (lines.size() > rows) {
        lines.resize(std::max<std::size_t>(rows, 1));
        lines.back() = fmt::format("... the terminal is too low for more; mneme status {}", folder);
    }
    for (std::string& line : lines) line = cut(base::one_line(line), columns);
    return lines;
}

std::vector<std::string> changes(const Snapshot& before, const Snapshot& now) {
    std::vector<std::string> lines;
    std::map<std::string, std::string> known;
    for (const RunLine& run : before.runs) known[run.digest] = ending(run);
    for (const RunLine& run : now.runs)
        if (run.outcome != "missing" && known[run.digest] != ending(run))
            lines.push_back(ending(run));
    const auto ran = running(before);
    for (const auto& [run, cell] : running(now)) {
        const auto last = ran.find(run);
        if (last == ran.end()) lines.push_back(cell->title + ": started");
        else if (cell->task > last->second->task)
            lines.push_back(fmt::format(
                "{}: {}{}{}", cell->title, scheduler::place(*cell),
                cell->accuracy ? fmt::format(", accuracy {:.4f}", *cell->accuracy) : "",
                cell->seconds_left ? fmt::format(", {} left", duration(*cell->seconds_left)) : ""));
    }
    return lines;
}

} // namespace mneme::cli
