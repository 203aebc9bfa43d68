// SPDX-License-Identifier: Apache-2.0
#include "cli/watch.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <results/block.hpp>

#include "cli/live_screen.hpp"
#include "cli/suite_screen.hpp"
#include "scheduler/results_folder.hpp"
#include "supervisor/signals.hpp"

namespace mneme::cli {
namespace {

constexpr int between_looks_ms = 500;

// Between two cells of a plan nobody may be at work: a scheduler takes its time to start the next.
constexpr auto longest_gap = std::chrono::seconds(60);

bool anything_missing(const Snapshot& now) {
    const std::string missing = results::name(results::Outcome::missing);
    return std::any_of(now.runs.begin(), now.runs.end(),
                       [&](const RunLine& run) { return run.outcome == missing; });
}

Snapshot look(RunLines& lines, const std::filesystem::path& folder) {
    Snapshot now;
    now.holder = scheduler::ResultsFolder::holder(folder); // before the runs, so that the last look
    now.work = scheduler::work_in(protocol::RunFolder(folder)); // sees all of them
    now.runs = lines.read();
    return now;
}

void show_changes(const Snapshot& before, const Snapshot& now) {
    std::string text;
    for (const std::string& line : changes(before, now)) text += line + "\n";
    if (!text.empty()) print_result(text);
}

} // namespace

base::ExitCode watch(const std::filesystem::path& folder, const Console& console) {
    const supervisor::StopSignals signals;
    RunLines lines(folder);
    LiveScreen live;
    Snapshot last;
    bool shared = false;                          // cells are at work, and not one `run`
    auto seen = std::chrono::steady_clock::now(); // somebody at work
    for (bool first = true;; first = false) {
        Snapshot now = look(lines, folder);
        if (first && !now.holder) {
            console.say(
                fmt::format("{}: nothing runs here; {}", folder.string(), summary(now.runs)));
            return base::ExitCode::done;
        }
        if (live.usable()) live.draw(screen(now, folder.string(), live.columns(), live.rows()));
        else show_changes(last, now);
        last = std::move(now);
        if (last.holder) {
            seen = std::chrono::steady_clock::now();
            shared = !scheduler::ResultsFolder::works_alone(folder);
        } else if (!shared || !anything_missing(last) ||
                   std::chrono::steady_clock::now() - seen > longest_gap) {
            break;
        }
        pollfd stop{signals.descriptor(), POLLIN, 0};
        poll(&stop, 1, between_looks_ms);
        if (const int signal = signals.next()) return supervisor::stop_code(signal);
    }
    console.say(fmt::format("nothing runs here any more; {}", summary(last.runs)));
    return base::ExitCode::done;
}

} // namespace mneme::cli
