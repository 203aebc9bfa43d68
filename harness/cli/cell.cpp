// SPDX-License-Identifier: Apache-2.0
// mneme cell: one cell of a plan, for clusters.

#include <base/error.hpp>
#include "cli/commands.hpp"
#include "cli/folders.hpp"
#include "cli/options.hpp"
#include "scheduler/pending_runs.hpp"
#include "scheduler/run_scheduler.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using base::ExitCode;

using results::Outcome;

struct CellOptions {
    fs::path plan, torch;
    Paths data;
    std::int64_t index = 0;
    RepeatOptions repeat;
};

void declare(Arguments& arguments, CellOptions& to) {
    arguments.value("--plan", to.plan, {"FILE", "the plan.json of `mneme plan`", true});
    arguments.value("--index", to.index,
                    {.type = "N", .help = "which cell, from 0", .required = true, .least = 0});
    cli::declare(arguments, to.repeat);
    arguments.values("--data", to.data,
                     {"DIR", "folder of data sets, searched before the plan's (repeatable)"});
    declare_torch(arguments, to.torch);
}

ExitCode cell(const CellOptions& options, const Console& console, const std::string&) {
    supervisor::treat_terminate_as_temporary(); // a cell is requeued, whoever stopped it
    harness::Plan plan = harness::read_plan(options.plan);
    plan.cells = {harness::cell_at(plan, options.index)};
    const scheduler::ResultsFolder folder(fs::absolute(options.plan).parent_path(),
                                          scheduler::ResultsFolder::Use::shared);
    protocol::Cell& cell = plan.cells[0];
    cell.output = folder.path().string(); // the plan's own folder, wherever it was copied to
    DataOptions data;
    data.folders = options.data;
    std::vector<std::string> here; // where data sets are on this machine
    for (const fs::path& path : data_folders(data)) here.push_back(path);
    cell.data.folders.insert(cell.data.folders.begin(), here.begin(), here.end());
    const scheduler::PendingRuns pending =
        scheduler::pending_runs(plan, folder, options.repeat.repeat());
    scheduler::report_due(pending, console);
    scheduler::remove_outdated_checkpoints(pending, folder);
    const supervisor::StopSignals signals;
    scheduler::RunScheduler scheduler(worker_program(options.torch), folder, console,
                                      pending.cells);
    int signal = scheduler.run(1, signals);
    if (signal == 0) signal = signals.next();
    if (signal != 0) return supervisor::stop_code(signal);
    if (scheduler.anything_temporary()) return ExitCode::temporary;
    if (scheduler.refusal()) return *scheduler.refusal();
    return scheduler.count(Outcome::failed) + scheduler.count(Outcome::timeout) > 0
               ? ExitCode::internal
               : ExitCode::done;
}

} // namespace

Command cell_command() {
    return command("cell", "train one cell of a plan; for clusters", declare, cell);
}

} // namespace mneme::cli
