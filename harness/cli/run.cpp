// SPDX-License-Identifier: Apache-2.0
// mneme run.
#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>

#include "cli/commands.hpp"
#include "cli/failed_runs.hpp"
#include "cli/folders.hpp"
#include "cli/options.hpp"
#include "cli/plan_lines.hpp"
#include "cli/planning.hpp"
#include "cli/report_files.hpp"
#include "cli/training.hpp"
#include "cli/until_decided.hpp"
#include "leaderboard/print.hpp"
#include "scheduler/device.hpp"
#include "scheduler/merge_runs.hpp"
#include "scheduler/pending_runs.hpp"
#include "scheduler/run_scheduler.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;

using results::Outcome;

constexpr std::int64_t most_seeds = 20; // of --until-decided
constexpr double alpha = 0.05;          // of its looks together, as of the table

struct RunOptions {
    PlanningOptions planning;
    RepeatOptions repeat;
    std::int64_t jobs = 0; // 0: one per core, or per GPU
    std::vector<std::string> only, benchmarks;
    bool dry_run = false, until_decided = false;
    std::int64_t max_seeds = 0; // 0: not given
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
    arguments.flag("--until-decided", to.until_decided,
                   "add seeds until one method leads every benchmark: compare at 5, 10, 20, ... "
                   "seeds, alpha shared among these looks");
    arguments.value(
        "--max-seeds", to.max_seeds,
        {.type = "N", .help = "most seeds of --until-decided (default: 20)", .least = 2});
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

// A run that failed on another day counts too: the exit code speaks of the plan.
std::size_t not_done(const harness::Plan& plan, const results::File& file,
                     const scheduler::Repeat& repeat) {
    std::set<std::tuple<std::string, std::string, std::int64_t>> done;
    for (const results::Block& block : file.blocks)
        for (std::size_t m = 0; m < block.methods.size(); ++m)
            for (std::size_t s = 0; s < block.seeds.size(); ++s) {
                const auto outcome = Outcome(block.outcome.at({m, s}));
                if (outcome == Outcome::complete || outcome == Outcome::diverged)
                    done.insert({block.benchmark, block.methods[m], block.seeds[s]});
            }
    std::size_t count = 0;
    for (const protocol::Cell& cell : plan.cells)
        for (const protocol::Run& run : cell.runs)
            count += repeat.selected(cell, run) &&
                     done.count({cell.spec().name, run.label, run.seed}) == 0;
    return count;
}

void print_boards(const results::File& file) {
    print_result(print(leaderboard::make_leaderboard(file.blocks, {}), Format::table));
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

ExitCode exit_code(const Training& training, std::size_t not_done) {
    if (training.signal() != 0) return supervisor::stop_code(training.signal());
    if (training.temporary()) return ExitCode::temporary;
    return not_done > 0 ? ExitCode::some_failed : ExitCode::done;
}

// One command: what all its parts need.
struct Session {
    const RunOptions& options;
    const scheduler::ResultsFolder& folder;
    const Console& console;
    const std::string& command_line;
};

ExitCode finish(const Session& session, const harness::Plan& plan, const Training& training,
                const scheduler::Repeat& repeat) {
    const auto& [options, folder, console, command_line] = session;
    const results::File& file = training.file();
    const bool reported = write_report(file, folder, console, command_line);
    const ExitCode code = exit_code(training, not_done(plan, file, repeat));
    folder.note({{"event", "finished"}, {"exit", int(code)}});
    if (training.signal() != 0) {
        console.say(
            fmt::format("{}: stopped by signal {}; what is done is merged, the same command "
                        "goes on from there",
                        folder.results().string(), training.signal()));
        return code;
    }
    print_boards(file);
    for (const std::string& line : failed_runs(plan, file, folder, repeat)) console.warn(line);
    if (training.temporary())
        console.warn(
            "some runs were stopped by something temporary (no space, device lost, pre-empted); "
            "run the same command again");
    console.say(fmt::format("written: {}", folder.results().string()));
    if (reported) console.say(fmt::format("the report: {}", folder.paths().report().string()));
    return code;
}

Training training_of(const Session& session) {
    return {worker_program(session.options.planning.worker.torch), session.folder, session.console,
            std::size_t(session.options.jobs), session.command_line};
}

// What would run: a line a cell, as the progress of a run names it; then how, and how long.
ExitCode say_dry_run(const Session& session, const harness::Plan& plan,
                     const scheduler::PendingRuns& pending) {
    std::string lines;
    for (const protocol::Cell& cell : pending.cells) lines += scheduler::title(cell) + "\n";
    print_result(lines);
    if (!pending.cells.empty()) {
        const std::size_t workers =
            session.options.jobs > 0
                ? std::size_t(session.options.jobs)
                : scheduler::workers_at_once(pending.cells.front().execution.device);
        session.console.say(
            train_lines(plan) +
            time_line(expected_seconds(plan, pending, session.folder, workers), workers));
    }
    session.console.say(
        fmt::format("0 cells started; without --dry-run: {}", pending.cells.size()));
    return ExitCode::done;
}

ExitCode run_plan(const Session& session, const harness::Plan& plan,
                  const scheduler::Repeat& repeat) {
    const scheduler::PendingRuns pending = scheduler::pending_runs(plan, session.folder, repeat);
    scheduler::report_due(pending, session.console);
    if (session.options.dry_run) return say_dry_run(session, plan, pending);
    Training training = training_of(session);
    training.train(plan, pending);
    return finish(session, plan, training, repeat);
}

// The runs of the present look.
scheduler::PendingRuns pending_at(const UntilDecided& looks, const harness::Plan& plan,
                                  const Session& session, const scheduler::Repeat& repeat) {
    harness::write_plan(session.folder.plan(), plan); // what `status` shows
    session.console.say(fmt::format("look {} of {}: {}", looks.look(), looks.looks(),
                                    leaderboard::counted(plan.seeds.size(), "seed")));
    const auto pending = scheduler::pending_runs(plan, session.folder, repeat);
    scheduler::report_due(pending, session.console);
    return pending;
}

// What the next command would train: looks that are complete are taken on the way.
ExitCode dry_run_until_decided(const Session& session, UntilDecided looks,
                               const scheduler::Repeat& repeat) {
    while (looks.open()) {
        const harness::Plan plan = looks.plan();
        const auto pending = pending_at(looks, plan, session, repeat);
        if (!pending.due.empty()) return say_dry_run(session, plan, pending);
        for (const std::string& line : looks.take(scheduler::merge_plan(plan, session.folder, {})))
            session.console.say(line);
    }
    return say_dry_run(session, {}, {});
}

ExitCode run_until_decided(const Session& session, const harness::Plan& whole,
                           scheduler::Repeat repeat) {
    UntilDecided looks(whole, repeat.benchmarks);
    require_planned_looks(whole, session.folder);
    session.console.say(leaderboard::plan_text(whole.cells.front().looks, alpha));
    if (session.options.dry_run) return dry_run_until_decided(session, looks, repeat);
    Training training = training_of(session);
    harness::Plan plan;
    while (looks.open() && !training.stopped()) {
        plan = looks.plan();
        const auto pending = pending_at(looks, plan, session, repeat);
        training.train(plan, pending);
        if (training.stopped()) break;
        repeat.tried.insert(pending.due.begin(), pending.due.end());
        for (const std::string& line : looks.take(training.file())) session.console.say(line);
    }
    return finish(session, plan, training, repeat);
}

[[noreturn]] void refuse(const std::string& options, const std::string& why) {
    throw base::ExitError(ExitCode::usage, options + ": " + why);
}

void require_fitting(const RunOptions& options) {
    if (!options.until_decided && options.max_seeds > 0)
        refuse(fmt::format("--max-seeds {}", options.max_seeds),
               "it is the most that --until-decided may use; add that, or use --seeds");
    if (!options.until_decided) return;
    if (!options.planning.seeds.empty())
        refuse(
            fmt::format("--until-decided with --seeds {}", base::one_line(options.planning.seeds)),
            "the looks decide how many seeds there are; leave --seeds out, or give the most "
            "with --max-seeds");
    if (!options.only.empty())
        refuse("--until-decided with --only",
               "all methods of the suite are compared; leave --only out, or use a suite of these "
               "methods");
}

ExitCode run(const RunOptions& options, const Console& console, const std::string& command_line) {
    require_fitting(options);
    PlanningOptions planning = options.planning;
    if (options.until_decided)
        planning.max_seeds = options.max_seeds > 0 ? options.max_seeds : most_seeds;
    const harness::Suite suite = read_suite(planning);
    const scheduler::Repeat repeat = selected(options, suite);
    const scheduler::ResultsFolder folder(results_path(planning),
                                          scheduler::ResultsFolder::Use::alone);
    const Session session{options, folder, console, command_line};
    const harness::Plan plan = make_plan(planning, suite, folder, console, command_line);
    return options.until_decided ? run_until_decided(session, plan, repeat)
                                 : run_plan(session, plan, repeat);
}

} // namespace

Command run_command() {
    return command("run", "train what a suite asks for; run again to resume", declare, run);
}

} // namespace mneme::cli
