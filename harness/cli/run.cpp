// SPDX-License-Identifier: Apache-2.0
// mneme run, plan, cell.
#include <signal.h>

#include <map>

#include <fmt/format.h>
#include <mneme/error.hpp>

#include "cli/board_text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/gather.hpp"
#include "cli/prepare.hpp"
#include "cli/survey.hpp"
#include "cli/training.hpp"

namespace mneme::cli {
namespace {

using results::Outcome;

void say_what_is_due(const Survey& survey, const Console& console) {
    for (const std::string& sentence : survey.sentences) console.say(sentence);
    console.say(fmt::format("{} of {} {} to do, {} done before", survey.due.size(), survey.runs,
                            survey.runs == 1 ? "run" : "runs", survey.runs - survey.due.size()));
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

} // namespace

int run(const Options& options, const Console& console, const std::string& command_line) {
    const harness::Suite suite = read_suite(options);
    const ResultsFolder folder(results_path(options), ResultsFolder::Use::alone);
    const harness::Plan plan = prepare(options, suite, folder, console, command_line);
    const Survey survey = survey_of(plan, folder, options);
    say_what_is_due(survey, console);
    forget_checkpoints(survey, folder);
    folder.note({{"event", "started"},
                 {"suite", plan.suite},
                 {"runs", survey.runs},
                 {"due", survey.due.size()},
                 {"command_line", command_line}});

    Training training(options, folder, console, survey.cells);
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

int plan(const Options& options, const Console& console, const std::string& command_line) {
    const harness::Suite suite = read_suite(options);
    const ResultsFolder folder(results_path(options), ResultsFolder::Use::alone);
    const harness::Plan plan = prepare(options, suite, folder, console, command_line);
    const Survey survey = survey_of(plan, folder, options);
    if (options.json) {
        nlohmann::ordered_json cells = nlohmann::ordered_json::array();
        for (std::size_t i = 0; i < plan.cells.size(); ++i) {
            nlohmann::ordered_json runs = nlohmann::ordered_json::array();
            for (const harness::Run& run : plan.cells[i].runs)
                runs.push_back({{"digest", run.digest},
                                {"method", run.label},
                                {"seed", run.seed},
                                {"due", survey.due.count(run.digest) > 0}});
            cells.push_back(
                {{"index", i}, {"benchmark", plan.cells[i].benchmark.spec.name}, {"runs", runs}});
        }
        print_result(
            nlohmann::ordered_json{{"plan", folder.plan().string()}, {"cells", cells}}.dump(2) +
            "\n");
        return done;
    }
    print_result(fmt::format("{}: {} cells, {} runs, {} of them to do\n", folder.plan().string(),
                             plan.cells.size(), survey.runs, survey.due.size()));
    if (!plan.cells.empty())
        console.say(fmt::format(
            "each: mneme cell --plan {} --index N, N from 0 to {}; then: mneme collect {}",
            folder.plan().string(), plan.cells.size() - 1, folder.path().string()));
    return done;
}

int cell(const Options& options, const Console& console) {
    harness::Plan plan = harness::read_plan(options.plan_file);
    plan.cells = {harness::cell_at(plan, options.index)};
    const ResultsFolder folder(std::filesystem::absolute(options.plan_file).parent_path(),
                               ResultsFolder::Use::shared);
    plan.cells[0].output =
        folder.path().string(); // the plan's own folder, wherever it was copied to
    const Survey survey = survey_of(plan, folder, options);
    say_what_is_due(survey, console);
    forget_checkpoints(survey, folder);
    Training training(options, folder, console, survey.cells);
    const int signal = training.run(1);
    if (signal == SIGINT) return interrupted;
    if (signal != 0 || training.anything_temporary()) return temporary;
    if (training.refusal()) return *training.refusal();
    return training.count(Outcome::failed) + training.count(Outcome::timeout) > 0 ? fault : done;
}

} // namespace mneme::cli
