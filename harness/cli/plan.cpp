// SPDX-License-Identifier: Apache-2.0
// mneme plan.
#include <fmt/format.h>

#include <base/error.hpp>
#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/plan_lines.hpp"
#include "cli/planning.hpp"
#include "scheduler/device.hpp"
#include "scheduler/pending_runs.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;

struct PlanOptions {
    PlanningOptions planning;
    bool json = false;
};

void declare(Arguments& arguments, PlanOptions& to) {
    cli::declare(arguments, to.planning);
    declare_json(arguments, to.json);
}

nlohmann::ordered_json cells_json(const harness::Plan& plan,
                                  const scheduler::PendingRuns& pending) {
    nlohmann::ordered_json cells = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < plan.cells.size(); ++i) {
        nlohmann::ordered_json runs = nlohmann::ordered_json::array();
        for (const protocol::Run& run : plan.cells[i].runs)
            runs.push_back({{"digest", run.digest},
                            {"method", run.label},
                            {"seed", run.seed},
                            {"due", pending.due.count(run.digest) > 0}});
        cells.push_back({{"index", i}, {"benchmark", plan.cells[i].spec().name}, {"runs", runs}});
    }
    return cells;
}

ExitCode plan(const PlanOptions& options, const Console& console, const std::string& command_line) {
    const harness::Suite suite = read_suite(options.planning);
    const scheduler::ResultsFolder folder(results_path(options.planning),
                                          scheduler::ResultsFolder::Use::alone);
    const harness::Plan plan = make_plan(options.planning, suite, folder, console, command_line);
    const scheduler::PendingRuns pending = scheduler::pending_runs(plan, folder, {});
    const std::size_t workers = scheduler::workers_at_once(
        plan.cells.empty() ? "cpu" : plan.cells.front().execution.device);
    const auto seconds = expected_seconds(plan, pending, folder, workers);
    if (options.json) {
        print_result(json_text(nlohmann::ordered_json{
            {"plan", folder.plan().string()},
            {"cells", cells_json(plan, pending)},
            {"train", train_json(plan)},
            {"expected_seconds", seconds ? nlohmann::ordered_json(*seconds) : nullptr},
            {"workers", workers}}));
        return ExitCode::done;
    }
    print_result(fmt::format("{}: {} cells, {} runs, {} of them to do\n", folder.plan().string(),
                             plan.cells.size(), pending.runs, pending.due.size()));
    console.say(train_lines(plan) + time_line(seconds, workers));
    if (!plan.cells.empty())
        console.say(fmt::format(
            "each: mneme cell --plan {} --index N, N from 0 to {}; then: mneme collect {}",
            folder.plan().string(), plan.cells.size() - 1, folder.path().string()));
    return ExitCode::done;
}

} // namespace

Command plan_command() {
    return command("plan", "check a suite and write DIR/plan.json; train nothing", declare, plan);
}

} // namespace mneme::cli
