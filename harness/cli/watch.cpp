// SPDX-License-Identifier: Apache-2.0
#include "cli/watch.hpp"

#include <poll.h>

#include <fmt/format.h>

#include "cli/live_screen.hpp"
#include "cli/suite_screen.hpp"
#include "scheduler/results_folder.hpp"
#include "supervisor/signals.hpp"

namespace mneme::cli {
namespace {

constexpr int between_looks_ms = 500;

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
        if (!last.holder) break;
        pollfd stop{signals.descriptor(), POLLIN, 0};
        poll(&stop, 1, between_looks_ms);
        if (const int signal = signals.next()) return supervisor::stop_code(signal);
    }
    console.say(fmt::format("nothing runs here any more; {}", summary(last.runs)));
    return base::ExitCode::done;
}

} // namespace mneme::cli
