// SPDX-License-Identifier: Apache-2.0
#include "cli/prepare.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <base/text.hpp>
#include <mneme/error.hpp>
#include <plan/suite.hpp>

#include "cli/ask.hpp"
#include "cli/device.hpp"
#include "cli/exit_code.hpp"
#include "cli/folders.hpp"
#include "cli/methods.hpp"
#include "protocol/requests.hpp"

namespace mneme::cli {
namespace {

constexpr double construct_stall_s = 120;

harness::PluginFile plugin_for(const harness::Entry& entry, const Methods& methods) {
    if (const RefusedFile* file = methods.in_the_way(entry.plugin))
        throw Error(fmt::format("{}: plugin \"{}\" is refused: {}", entry.where, entry.plugin,
                                file->reason),
                    refused);
    for (const Method& method : methods.found)
        if (method.id == entry.plugin)
            return {method.id, method.path.string(), method.sha256, method.note};
    std::vector<std::string> known;
    for (const Method& method : methods.found) known.push_back(method.id);
    const std::string near = base::nearest(entry.plugin, known);
    throw Error(
        fmt::format("{}: unknown plugin \"{}\"; {} (looked in: {})", entry.where, entry.plugin,
                    !near.empty() ? fmt::format("the nearest known one is \"{}\"", near)
                    : known.empty()
                        ? std::string("no plugin was found at all; --plugins DIR would be right")
                        : fmt::format("known are {}", fmt::join(known, ", ")),
                    fmt::join(methods.folders, ", ")),
        bad_input);
}

// The plugin that was being constructed when the worker died: it is the plugin's doing.
[[noreturn]] void blame(const Answer& answer, const harness::Suite& suite,
                        const std::vector<harness::PluginFile>& plugins) {
    const auto* last = answer.find<protocol::Constructing>();
    const std::size_t index = last ? static_cast<std::size_t>(last->index) : SIZE_MAX;
    if (index >= suite.benchmarks.size() * suite.methods.size())
        throw Error(fmt::format("mneme-worker construct: {}; `mneme doctor` says what works here",
                                answer.ending.reason()),
                    fault);
    const harness::Entry& entry = suite.methods[index % suite.methods.size()];
    throw Error(fmt::format("{}: plugin refused: constructing method \"{}\" for benchmark \"{}\" "
                            "ended the worker: {}; a plugin that can "
                            "be constructed would be right",
                            plugins[index % suite.methods.size()].path, entry.label,
                            suite.benchmarks[index / suite.methods.size()].spec.name,
                            answer.ending.reason()),
                refused);
}

Answer construct(const PlanningOptions& options, const harness::Suite& suite,
                 const std::vector<harness::PluginFile>& plugins, const ResultsFolder& folder) {
    const auto request = folder.cell("construct");
    protocol::write_request(request,
                            construct_request(suite, plugins, may_use_gpu(options.device)));
    Limits limits;
    limits.stall_s = suite.limits.stall_s > 0 ? std::min(suite.limits.stall_s, construct_stall_s)
                                              : construct_stall_s;
    Answer answer = ask(worker_launch(options.worker.torch, {"construct", request.string()}),
                        folder.log("construct"), limits);
    std::filesystem::remove(request);
    require_answer(answer, "mneme-worker construct");
    std::set<std::int64_t> answered;
    for (const auto& message : answer.messages)
        if (const auto* made = std::get_if<protocol::Constructed>(&message))
            answered.insert(made->index);
    const bool all = answered.size() == suite.benchmarks.size() * suite.methods.size();
    if (!all && !answer.find<protocol::Refused>()) blame(answer, suite, plugins);
    return answer;
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
    overrides.limit_train = options.limit_train;
    overrides.limit_test = options.limit_test;
    overrides.benchmark_folders = benchmark_folders(options.data);
    overrides.data_folders = data_folders(options.data);
    return harness::load_suite(options.suite, overrides);
}

harness::Plan prepare(const PlanningOptions& options, const harness::Suite& suite,
                      const ResultsFolder& folder, const Console& console,
                      const std::string& command_line) {
    const Methods methods = find_methods(options.worker.plugins);
    std::vector<harness::PluginFile> plugins;
    for (const harness::Entry& entry : suite.methods) plugins.push_back(plugin_for(entry, methods));
    for (const std::string& warning : methods.warnings) console.warn(warning);

    const Answer answer = construct(options, suite, plugins, folder);
    harness::PlanOptions wanted;
    wanted.execution.device = choose_device(options.device, answer.find<protocol::Gpu>());
    wanted.replicas = options.replicas;
    wanted.keep_weights = options.keep_weights;
    for (const auto& path : data_folders(options.data))
        wanted.data_folders.push_back(path.string());
    wanted.output = folder.path().string();
    wanted.command_line = command_line;

    const harness::Plan plan = harness::make_plan(suite, plugins, answer.messages, wanted);
    harness::write_plan(folder.plan(), plan);
    return plan;
}

} // namespace mneme::cli
