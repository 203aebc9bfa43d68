// SPDX-License-Identifier: Apache-2.0
// mneme plan.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "cli/prepare.hpp"
#include "cli/survey.hpp"

namespace mneme::cli {
namespace {

struct PlanOptions {
    PlanningOptions planning;
    bool json = false;
};

void declare(Arguments& arguments, PlanOptions& to) {
    cli::declare(arguments, to.planning);
    declare_json(arguments, to.json);
}

int plan(const PlanOptions& options, const Console& console, const std::string& command_line) {
    const harness::Suite suite = read_suite(options.planning);
    const ResultsFolder folder(results_path(options.planning), ResultsFolder::Use::alone);
    const harness::Plan plan = prepare(options.planning, suite, folder, console, command_line);
    const Survey survey = survey_of(plan, folder, {});
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
                {{"index", i}, {"benchmark", plan.cells[i].spec().name}, {"runs", runs}});
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

} // namespace

Command plan_command() {
    return command("plan", "check a suite and write DIR/plan.json; train nothing", declare, plan);
}

} // namespace mneme::cli
