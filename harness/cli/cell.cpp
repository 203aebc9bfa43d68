// SPDX-License-Identifier: Apache-2.0
// mneme cell: cells of a plan, for clusters.
#include <charconv>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>

#include "cli/commands.hpp"
#include "cli/folders.hpp"
#include "cli/options.hpp"
#include "scheduler/pending_runs.hpp"
#include "scheduler/run_scheduler.hpp"
#include "scheduler/start_counter.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using base::ExitCode;

using results::Outcome;

struct CellOptions {
    fs::path plan, torch;
    Paths data;
    std::string index;
    std::int64_t jobs = 1;
    RepeatOptions repeat;
};

void declare(Arguments& arguments, CellOptions& to) {
    arguments.value("--plan", to.plan, {"FILE", "the plan.json of `mneme plan`", true});
    arguments.value("--index", to.index, {"N", "which cell, from 0; A-B: all of these", true});
    arguments.value("--jobs", to.jobs, {"N", "how many of the cells train at once (default: 1)"});
    cli::declare(arguments, to.repeat);
    arguments.values("--data", to.data,
                     {"DIR", "folder of data sets, searched before the plan's (repeatable)"});
    declare_torch(arguments, to.torch);
}

harness::CellRange range_of(const std::string& index) {
    std::int64_t first = 0, last = 0;
    const char* const end = index.data() + index.size();
    std::from_chars_result at = std::from_chars(index.data(), end, first);
    last = first;
    if (at.ec == std::errc() && at.ptr != end && *at.ptr == '-')
        at = std::from_chars(at.ptr + 1, end, last);
    if (at.ec != std::errc() || at.ptr != end || first < 0 || last < first)
        throw base::ExitError(
            ExitCode::usage,
            fmt::format("--index {}: is not a cell or a range of cells; write 3, or 0-9 for the "
                        "first ten",
                        base::in_quotes(index)));
    return {std::size_t(first), std::size_t(last)};
}

// With the folders that this machine has.
void set_folders(harness::Plan& plan, const CellOptions& options, const fs::path& output) {
    DataOptions data;
    data.folders = options.data;
    std::vector<std::string> here; // where data sets are on this machine
    for (const fs::path& path : data_folders(data)) here.push_back(path);
    for (protocol::Cell& cell : plan.cells) {
        cell.output = output.string(); // the plan's own folder, wherever it was copied to
        cell.data.folders.insert(cell.data.folders.begin(), here.begin(), here.end());
    }
}

ExitCode cell(const CellOptions& options, const Console& console, const std::string&) {
    harness::Plan plan = harness::read_plan(options.plan, range_of(options.index));
    const fs::path path = fs::absolute(options.plan).parent_path().lexically_normal();
    set_folders(plan, options, path);
    const scheduler::StartCounter starts{protocol::RunFolder(path)};
    const scheduler::ResultsFolder folder =
        scheduler::shared_folder(path, starts, plan.cells.front());
    scheduler::PendingRuns pending = scheduler::pending_runs(plan, folder, options.repeat.repeat());
    scheduler::report_due(pending, console);
    scheduler::remove_outdated_checkpoints(pending, folder);
    if (options.repeat.force) // who asks for that means it, however often it was started before
        for (const protocol::Cell& cell : pending.cells) starts.forget(cell);
    const std::size_t given_up = scheduler::give_up_exhausted(pending, starts, folder, console);
    const supervisor::StopSignals signals;
    scheduler::RunScheduler scheduler(worker_program(options.torch), folder, console, pending.cells,
                                      &starts);
    int signal = scheduler.run(std::size_t(options.jobs), signals);
    if (signal == 0) signal = signals.next();
    if (signal != 0) return supervisor::stop_code(signal);
    if (scheduler.anything_temporary()) return ExitCode::temporary;
    if (scheduler.refusal()) return *scheduler.refusal();
    return given_up + scheduler.count(Outcome::failed) + scheduler.count(Outcome::timeout) > 0
               ? ExitCode::internal
               : ExitCode::done;
}

} // namespace

Command cell_command() {
    return command("cell", "train cells of a plan; for clusters", declare, cell);
}

} // namespace mneme::cli
