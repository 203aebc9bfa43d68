// SPDX-License-Identifier: Apache-2.0
#include "cli/prepare.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <base/text.hpp>
#include <mneme/error.hpp>
#include <plan/suite.hpp>

#include "cli/ask.hpp"
#include "cli/device.hpp"
#include "cli/exit_code.hpp"
#include "cli/folders.hpp"
#include "cli/methods.hpp"

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
    const auto* last = answer.find("constructing");
    const std::size_t index =
        last && last->contains("index") && (*last)["index"].is_number_unsigned()
            ? (*last)["index"].get<std::size_t>()
            : SIZE_MAX;
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

struct Answers {
    std::vector<harness::Json> methods;
    harness::Json gpu; // null: it was not asked for
};

Answers construct(const PlanningOptions& options, const harness::Suite& suite,
                  const std::vector<harness::PluginFile>& plugins, const ResultsFolder& folder) {
    const auto request = folder.cell("construct");
    folder.write_file(request,
                      construct_request(suite, plugins, may_use_gpu(options.device)).dump());
    Limits limits;
    limits.stall_s = suite.stall_limit_s > 0 ? std::min(suite.stall_limit_s, construct_stall_s)
                                             : construct_stall_s;
    const Answer answer = ask(worker_launch(options.worker.torch, {"construct", request.string()}),
                              folder.log("construct"), limits);
    std::filesystem::remove(request);
    Answers answers;
    std::vector<bool> answered(suite.benchmarks.size() * suite.methods.size());
    for (const auto& message : answer.messages) {
        if (message["event"] == "gpu") answers.gpu = message;
        if (message["event"] == "refused") answers.methods.push_back(message);
        if (message["event"] != "constructed") continue;
        answers.methods.push_back(message);
        const auto index = message.find("index");
        if (index != message.end() && index->is_number_unsigned() &&
            index->get<std::size_t>() < answered.size())
            answered[index->get<std::size_t>()] = true;
    }
    const bool all = std::all_of(answered.begin(), answered.end(), [](bool one) { return one; });
    if (answer.signal != 0 || answer.find("error"))
        expect(answer, "constructed", "mneme-worker construct");
    if (!all && !answer.find("refused")) blame(answer, suite, plugins);
    return answers;
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

    const Answers answers = construct(options, suite, plugins, folder);
    harness::PlanOptions wanted;
    wanted.device = choose_device(options.device, answers.gpu);
    wanted.replicas = options.replicas;
    wanted.keep_weights = options.keep_weights;
    for (const auto& path : data_folders(options.data))
        wanted.data_folders.push_back(path.string());
    wanted.output = folder.path().string();
    wanted.command_line = command_line;

    const harness::Plan plan = harness::make_plan(suite, plugins, answers.methods, wanted);
    harness::write_plan(folder.plan(), plan);
    return plan;
}

} // namespace mneme::cli
