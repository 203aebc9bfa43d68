// SPDX-License-Identifier: Apache-2.0
// mneme cell: one cell of a plan, for clusters.
#include <signal.h>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "cli/survey.hpp"
#include "cli/training.hpp"

namespace mneme::cli {
namespace {

using results::Outcome;

struct CellOptions {
    std::filesystem::path plan, torch;
    std::int64_t index = 0;
    RepeatOptions repeat;
};

void declare(Arguments& arguments, CellOptions& to) {
    arguments.value("--plan", to.plan, {"FILE", "the plan.json of `mneme plan`", true});
    arguments.value("--index", to.index,
                    {.type = "N", .help = "which cell, from 0", .required = true, .least = 0});
    cli::declare(arguments, to.repeat);
    declare_torch(arguments, to.torch);
}

int cell(const CellOptions& options, const Console& console, const std::string&) {
    harness::Plan plan = harness::read_plan(options.plan);
    plan.cells = {harness::cell_at(plan, options.index)};
    const ResultsFolder folder(std::filesystem::absolute(options.plan).parent_path(),
                               ResultsFolder::Use::shared);
    plan.cells[0].output =
        folder.path().string(); // the plan's own folder, wherever it was copied to
    const Survey survey = survey_of(plan, folder, options.repeat);
    report_due(survey, console);
    forget_checkpoints(survey, folder);
    Training training(options.torch, folder, console, survey.cells);
    const int signal = training.run(1);
    if (signal == SIGINT) return interrupted;
    if (signal != 0 || training.anything_temporary()) return temporary;
    if (training.refusal()) return *training.refusal();
    return training.count(Outcome::failed) + training.count(Outcome::timeout) > 0 ? fault : done;
}

} // namespace

Command cell_command() {
    return command("cell", "train one cell of a plan; for clusters", declare, cell);
}

} // namespace mneme::cli
