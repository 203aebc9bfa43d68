// SPDX-License-Identifier: Apache-2.0
#include "cli/planning.hpp"

#include <set>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>
#include <plan/suite.hpp>
#include <plan/train_sources.hpp>

#include "cli/check_record.hpp"
#include "cli/folders.hpp"
#include "cli/methods.hpp"
#include "leaderboard/looks.hpp"
#include "scheduler/plan_suite.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;

const Method& method_for(const harness::Entry& entry, const Methods& methods) {
    if (const RefusedFile* file = methods.in_the_way(entry.plugin))
        throw base::ExitError(ExitCode::plugin_refused,
                              fmt::format("{}: plugin \"{}\" is refused: {}", entry.where,
                                          entry.plugin, file->reason));
    for (const Method& method : methods.found)
        if (method.id == entry.plugin) return method;
    std::vector<std::string> known;
    for (const Method& method : methods.found) known.push_back(method.id);
    const std::string near = base::nearest(entry.plugin, known);
    throw base::ExitError(
        ExitCode::bad_input,
        fmt::format(
            "{}: unknown plugin \"{}\"; {} (looked in: {})", entry.where, entry.plugin,
            !near.empty() ? fmt::format("the nearest known one is \"{}\"", near)
            : known.empty()
                ? std::string("no plugin was found at all; name a folder with --plugins DIR")
                : fmt::format("known are {}", fmt::join(known, ", ")),
            fmt::join(methods.folders, ", ")));
}

} // namespace

std::filesystem::path results_path(const PlanningOptions& options) {
    return options.output.empty() ? std::filesystem::path("results") / options.suite.stem()
                                  : options.output;
}

harness::Suite read_suite(const PlanningOptions& options) {
    harness::Overrides overrides;
    overrides.set = options.set;
    overrides.seeds = options.seeds;
    overrides.max_seeds = options.max_seeds;
    overrides.limit_train = options.limit_train;
    overrides.limit_test = options.limit_test;
    overrides.benchmark_folders = benchmark_folders(options.data);
    overrides.data_folders = data_folders(options.data);
    return harness::load_suite(suite_file(options.suite), overrides);
}

harness::Plan make_plan(const PlanningOptions& options, const harness::Suite& suite,
                        const scheduler::ResultsFolder& folder, const Console& console,
                        const std::string& command_line) {
    const Methods methods = find_methods(options.worker.plugins);
    std::vector<harness::PluginFile> plugins;
    std::vector<Method> used; // each once: a suite may have a method under several labels
    std::set<std::string> ids;
    for (const harness::Entry& entry : suite.methods) {
        const Method& method = method_for(entry, methods);
        plugins.push_back({method.id, method.path.string(), method.sha256, method.note});
        if (ids.insert(method.id).second) used.push_back(method);
    }
    for (const std::string& warning : methods.warnings) console.warn(warning);
    for (const std::string& note : suite.notes) console.warn(note);
    const ExaminationNotes examined = examination_notes(used);
    for (const std::string& note : examined.failed) console.warn(note);
    if (!examined.unexamined.empty()) console.say(examined.unexamined);

    scheduler::PlanRequest request;
    request.device = options.device;
    request.replicas = options.replicas;
    request.keep_weights = options.keep_weights;
    request.data_folders = data_folders(options.data);
    request.command_line = command_line;
    if (options.max_seeds > 0) request.looks = leaderboard::planned_looks(options.max_seeds);
    harness::Plan plan = scheduler::plan_suite(suite, plugins, request,
                                               worker_program(options.worker.torch), folder);
    for (const std::string& mixture : harness::mixtures(plan)) console.warn(mixture);
    return plan;
}

} // namespace mneme::cli
