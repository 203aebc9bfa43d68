// SPDX-License-Identifier: Apache-2.0
// mneme run.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>

#include "cli/commands.hpp"
#include "cli/failed_runs.hpp"
#include "cli/folders.hpp"
#include "cli/options.hpp"
#include "cli/planning.hpp"
#include "cli/report_files.hpp"
#include "leaderboard/print.hpp"
#include "scheduler/merge_runs.hpp"
#include "scheduler/pending_runs.hpp"
#include "scheduler/run_scheduler.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;

using results::Outcome;

struct RunOptions {
    PlanningOptions planning;
    RepeatOptions repeat;
    std::int64_t jobs = 0; // 0: one per core, or per GPU
    std::vector<std::string> only, benchmarks;
    bool dry_run = false;
};

void declare(Arguments& arguments, RunOptions& to) {
    cli::declare(arguments, to.planning);
    arguments.value("--jobs", to.jobs,
                    {"N", "workers at once (default: one per core, or per GPU)"});
    arguments.values("--only", to.only,
                     {.type = "METHOD",
                      .help = "train only the methods of this label or plugin (repeatable)",
                      .suggested_by = "mneme list methods"});
    arguments.values("--benchmark", to.benchmarks,
                     {.type = "NAME",
                      .help = "train only on this benchmark of the suite (repeatable)",
                      .suggested_by = "mneme list benchmarks"});
    arguments.flag("--dry-run", to.dry_run,
                   "say what would be trained and why, write the plan, train nothing");
    cli::declare(arguments, to.repeat);
}

void require_known(const std::string& option, const std::vector<std::string>& asked,
                   const std::vector<std::string>& known) {
    for (const std::string& name : asked) {
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const std::string near = base::nearest(name, known);
        throw base::ExitError(
            ExitCode::usage,
            fmt::format("{} {}: not in the suite; {}", option, base::in_quotes(name),
                        near.empty() ? "it has " + base::joined(known)
                                     : fmt::format("the nearest name is \"{}\"", near)));
    }
}

scheduler::Repeat selected(const RunOptions& options, const harness::Suite& suite) {
    std::vector<std::string> methods, benchmarks;
    for (const harness::Entry& entry : suite.methods) {
        methods.push_back(entry.label);
        methods.push_back(entry.plugin);
    }
    for (const harness::Benchmark& benchmark : suite.benchmarks)
        benchmarks.push_back(benchmark.spec.name);
    require_known("--only", options.only, methods);
    require_known("--benchmark", options.benchmarks, benchmarks);
    scheduler::Repeat repeat = options.repeat.repeat();
    repeat.methods = options.only;
    repeat.benchmarks = options.benchmarks;
    return repeat;
}

// A method with a failed run from another day counts too: the exit code speaks of the plan.
std::size_t not_done(const results::File& file, const scheduler::Repeat& repeat) {
    std::size_t count = 0;
    for (const results::Block& block : file.blocks)
        for (std::size_t m = 0; m < block.methods.size(); ++m)
            for (std::size_t s = 0; s < block.seeds.size(); ++s) {
                const auto outcome = Outcome(block.outcome.at({m, s}));
                count += repeat.selected(block, m) && outcome != Outcome::complete &&
                         outcome != Outcome::diverged;
            }
    return count;
}

void print_boards(const results::File& file) {
    print_result(print(leaderboard::make_leaderboard(file.blocks, {}), Format::table));
}

// What would run: a line a cell, as the progress of a run names it.
void print_pending(const scheduler::PendingRuns& pending) {
    std::string lines;
    for (const protocol::Cell& cell : pending.cells) lines += scheduler::title(cell) + "\n";
    print_result(lines);
}

// A page that cannot be written costs no results. Returns whether it was.
bool write_report(const results::File& file, const scheduler::ResultsFolder& folder,
                  const Console& console, const std::string& command_line) {
    const std::string path = folder.path().string();
    try {
        write_page({file, path, folder.path()}, folder.paths().report(), command_line);
        return true;
    } catch (const std::exception& error) {
        console.warn(
            fmt::format("no report: {}; the results are whole, try `mneme report {}` when this "
                        "is mended",
                        error.what(), path));
        return false;
    }
}

ExitCode exit_code(const scheduler::RunScheduler& scheduler, int signal, std::size_t not_done) {
    if (signal != 0) return supervisor::stop_code(signal);
    if (scheduler.anything_temporary()) return ExitCode::temporary;
    return not_done > 0 ? ExitCode::some_failed : ExitCode::done;
}

ExitCode run(const RunOptions& options, const Console& console, const std::string& command_line) {
    const harness::Suite suite = read_suite(options.planning);
    const scheduler::Repeat repeat = selected(options, suite);
    const scheduler::ResultsFolder folder(results_path(options.planning),
                                          scheduler::ResultsFolder::Use::alone);
    const harness::Plan plan = make_plan(options.planning, suite, folder, console, command_line);
    const scheduler::PendingRuns pending = scheduler::pending_runs(plan, folder, repeat);
    scheduler::report_due(pending, console);
    if (options.dry_run) {
        print_pending(pending);
        console.say(fmt::format("0 cells started; without --dry-run: {}", pending.cells.size()));
        return ExitCode::done;
    }
    scheduler::remove_outdated_checkpoints(pending, folder);
    folder.note({{"event", "started"},
                 {"suite", plan.suite},
                 {"runs", pending.runs},
                 {"due", pending.due.size()},
                 {"command_line", command_line}});

    const supervisor::StopSignals signals; // until what is done is merged
    scheduler::RunScheduler scheduler(worker_program(options.planning.worker.torch), folder,
                                      console, pending.cells);
    scheduler.set_earlier_costs(scheduler::earlier_costs(folder.paths(), plan.cells));
    int signal = scheduler.run(std::size_t(options.jobs), signals);

    std::set<std::string> left_out;
    for (const std::string& digest : pending.outdated)
        if (!scheduler.recorded(digest)) left_out.insert(digest);
    const results::File file = scheduler::write_results(plan, folder, left_out);
    if (signal == 0) signal = signals.next();
    const bool reported = write_report(file, folder, console, command_line);
    const ExitCode code = exit_code(scheduler, signal, not_done(file, repeat));
    folder.note({{"event", "finished"}, {"exit", int(code)}});
    if (signal != 0) {
        console.say(
            fmt::format("{}: stopped by signal {}; what is done is merged, the same command "
                        "goes on from there",
                        folder.results().string(), signal));
        return code;
    }
    print_boards(file);
    for (const std::string& line : failed_runs(plan, file, folder, repeat)) console.warn(line);
    if (scheduler.anything_temporary())
        console.warn(
            "some runs were stopped by something temporary (no space, device lost, pre-empted); "
            "run the same command again");
    console.say(fmt::format("written: {}", folder.results().string()));
    if (reported) console.say(fmt::format("the report: {}", folder.paths().report().string()));
    return code;
}

} // namespace

Command run_command() {
    return command("run", "train what a suite asks for; run again to resume", declare, run);
}

} // namespace mneme::cli
