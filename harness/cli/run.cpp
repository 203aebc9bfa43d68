// SPDX-License-Identifier: Apache-2.0
// mneme run.
#include <signal.h>

#include <map>

#include <fmt/format.h>
#include <mneme/error.hpp>

#include "cli/board_text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/gather.hpp"
#include "cli/options.hpp"
#include "cli/prepare.hpp"
#include "cli/survey.hpp"
#include "cli/training.hpp"

namespace mneme::cli {
namespace {

using results::Outcome;

struct RunOptions {
    PlanningOptions planning;
    RepeatOptions repeat;
    std::int64_t jobs = 0; // 0: one per core, or per GPU
};

void declare(Arguments& arguments, RunOptions& to) {
    cli::declare(arguments, to.planning);
    arguments.value("--jobs", to.jobs,
                    {"N", "workers at once (default: one per core, or per GPU)"});
    cli::declare(arguments, to.repeat);
}

// A method with a failed run from another day counts too: the exit code speaks of the plan.
std::size_t not_done(const results::File& file) {
    std::size_t count = 0;
    for (const results::Block& block : file.blocks)
        for (std::int32_t outcome : block.outcome.data)
            count += outcome != std::int32_t(Outcome::complete) &&
                     outcome != std::int32_t(Outcome::diverged);
    return count;
}

void print_boards(const results::File& file) {
    std::vector<Board> boards;
    for (const results::Block& block : file.blocks)
        boards.push_back(make_board(block, *results::find_metric("average_accuracy")));
    print_result(board_text(boards, Format::table));
}

int exit_code(const Training& training, int signal, std::size_t not_done) {
    if (signal == SIGUSR1) return temporary; // a cluster's notice that our time is over
    if (signal != 0) return interrupted;
    if (training.anything_temporary()) return temporary;
    return not_done > 0 ? some_failed : done;
}

int run(const RunOptions& options, const Console& console, const std::string& command_line) {
    const harness::Suite suite = read_suite(options.planning);
    const ResultsFolder folder(results_path(options.planning), ResultsFolder::Use::alone);
    const harness::Plan plan = prepare(options.planning, suite, folder, console, command_line);
    const Survey survey = survey_of(plan, folder, options.repeat);
    report_due(survey, console);
    forget_checkpoints(survey, folder);
    folder.note({{"event", "started"},
                 {"suite", plan.suite},
                 {"runs", survey.runs},
                 {"due", survey.due.size()},
                 {"command_line", command_line}});

    Training training(options.planning.worker.torch, folder, console, survey.cells);
    const int signal = training.run(std::size_t(options.jobs));

    std::set<std::string> left_out;
    for (const std::string& digest : survey.outdated)
        if (!training.settled(digest)) left_out.insert(digest);
    const results::File file = write_results(plan, folder, left_out);
    const int code = exit_code(training, signal, not_done(file));
    folder.note({{"event", "finished"}, {"exit", code}});
    if (signal != 0) {
        console.say(fmt::format(
            "{}: stopped by signal {}; what is done is merged, the same command goes on from there",
            folder.results().string(), signal));
        return code;
    }
    print_boards(file);
    if (training.anything_temporary())
        console.warn(
            "some runs were stopped by something temporary (no space, device lost, pre-empted); "
            "run the same command again");
    console.say(fmt::format("written: {}", folder.results().string()));
    return code;
}

} // namespace

Command run_command() {
    return command("run", "train what a suite asks for; run again to resume", declare, run);
}

} // namespace mneme::cli
