// SPDX-License-Identifier: Apache-2.0
#include "scheduler/plan_suite.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>
#include <benchmarks/dataset.hpp>
#include <plan/suite.hpp>

#include "protocol/requests.hpp"
#include "scheduler/device.hpp"
#include "supervisor/query_worker.hpp"

namespace mneme::scheduler {
namespace {

using base::ExitCode;
using supervisor::Answer;
using supervisor::Limits;

// A label becomes the name of a group in HDF5 files, of rows, of files that others make of them.
constexpr std::size_t longest_name = 120; // bytes

void require_usable_name(const std::string& where, const std::string& what,
                         const std::string& name) {
    const char* fault = name.empty()                         ? "is empty"
                        : name.size() > longest_name         ? "is longer than 120 bytes"
                        : name.find('/') != name.npos        ? "holds a /"
                        : name == "." || name == ".."        ? "is the name of a folder"
                        : base::has_control_characters(name) ? "holds control characters"
                                                             : nullptr;
    if (fault)
        throw base::ExitError(ExitCode::bad_input,
                              fmt::format("{}: {} {} {}; use a short name without / and control "
                                          "characters",
                                          where, what, base::in_quotes(name), fault));
}

void require_usable_names(const harness::Suite& suite) {
    for (const harness::Entry& entry : suite.methods)
        require_usable_name(entry.where, "label", entry.label);
    for (const harness::Benchmark& benchmark : suite.benchmarks)
        require_usable_name(suite.path, "benchmark", benchmark.spec.name);
}

// The plugin that was being constructed when the worker died: it is the plugin's doing.
[[noreturn]] void refuse_last_constructed(const Answer& answer, const harness::Suite& suite,
                                          const std::vector<harness::PluginFile>& plugins) {
    const auto* last = answer.find<protocol::Constructing>();
    const std::size_t index = last ? static_cast<std::size_t>(last->index) : SIZE_MAX;
    if (index >= suite.benchmarks.size() * suite.methods.size())
        throw base::ExitError(
            ExitCode::internal,
            fmt::format("mneme-worker construct: {}; `mneme doctor` says what works here",
                        answer.exit.reason()));
    const harness::Entry& entry = suite.methods[index % suite.methods.size()];
    throw base::ExitError(
        ExitCode::plugin_refused,
        fmt::format("{}: plugin refused: constructing method \"{}\" for benchmark \"{}\" "
                    "ended the worker: {}; a method must be "
                    "constructed without that",
                    plugins[index % suite.methods.size()].path, entry.label,
                    suite.benchmarks[index / suite.methods.size()].spec.name,
                    answer.exit.reason()));
}

Answer construct(const PlanRequest& request, const harness::Suite& suite,
                 const std::vector<harness::PluginFile>& plugins,
                 const supervisor::WorkerProgram& worker, const ResultsFolder& folder) {
    const auto file = folder.cell("construct");
    protocol::write_request(file, construct_request(suite, plugins, may_use_gpu(request.device)));
    Limits limits;
    limits.stall_s = supervisor::answer_stall_s;
    if (suite.limits.stall_s > 0) limits.stall_s = std::min(limits.stall_s, suite.limits.stall_s);
    Answer answer = query_worker(worker_launch(worker, {"construct", file.string()}),
                                 folder.log("construct"), limits);
    std::filesystem::remove(file);
    require_answer(answer, "mneme-worker construct");
    std::set<std::int64_t> answered;
    for (const auto& message : answer.messages)
        if (const auto* made = std::get_if<protocol::Constructed>(&message))
            answered.insert(made->index);
    const bool all = answered.size() == suite.benchmarks.size() * suite.methods.size();
    if (!all && !answer.find<protocol::Refused>()) refuse_last_constructed(answer, suite, plugins);
    return answer;
}

} // namespace

harness::Plan plan_suite(const harness::Suite& suite,
                         const std::vector<harness::PluginFile>& plugins,
                         const PlanRequest& request, const supervisor::WorkerProgram& worker,
                         const ResultsFolder& folder) {
    require_usable_names(suite);
    const Answer answer = construct(request, suite, plugins, worker, folder);
    harness::PlanOptions wanted;
    wanted.execution.device = choose_device(request.device, answer.find<protocol::Gpu>());
    wanted.replicas = request.replicas;
    wanted.keep_weights = request.keep_weights;
    for (const auto& path : request.data_folders) wanted.data_folders.push_back(path.string());
    wanted.output = folder.path().string();
    wanted.command_line = request.command_line;
    wanted.looks = request.looks;

    const harness::Plan plan = harness::make_plan(suite, plugins, answer.messages, wanted);
    harness::write_plan(folder.plan(), plan);
    return plan;
}

} // namespace mneme::scheduler
