// SPDX-License-Identifier: Apache-2.0
// mneme-worker check: the checks that were asked for, one after the other. Whatever a plugin does
// to this process, the parent has been told which check it is in.
#include <ATen/Parallel.h>

#include "host/plugin_log.hpp"
#include "protocol/checks.hpp"
#include "protocol/requests.hpp"
#include "worker/commands.hpp"
#include "worker/examiner/crash_report.hpp"
#include "worker/examiner/examiner.hpp"
#include "worker/examiner/process_state.hpp"

namespace mneme::harness {
namespace examiner {
namespace {

Verdict check_construct(const Subject& subject) {
    const auto made = construct_once(subject.method, small_stream(subject), {}, {});
    return {Verdict::pass,
            text(made.options.size(), " option", made.options.size() == 1 ? "" : "s")};
}

using Function = Verdict (*)(const Subject&);
const std::map<std::string, Function> functions = {
    {"construct", check_construct}, {"options", check_options},   {"same bits", check_same_bits},
    {"replicas", check_replicas},   {"resume", check_resume},     {"state", check_state},
    {"kept", check_kept},           {"predict", check_predict},   {"conduct", check_conduct},
    {"handles", check_handles},     {"learns", check_learns},     {"steps", check_steps},
    {"replay", check_replay},       {"extremes", check_extremes}, {"process", check_process},
};

Verdict verdict_of(Function function, const Subject& subject) {
    try {
        return function(subject);
    } catch (const Broken& e) {
        return {Verdict::fail, e.what};
    } catch (const std::exception& e) {
        const std::string what = e.what(); // of LibTorch's pages the first line
        return {Verdict::fail, what.substr(0, what.find('\n'))};
    } catch (...) {
        return {
            Verdict::fail,
            "an exception that is not a std::exception crossed the border; keep exceptions inside"};
    }
}

} // namespace
} // namespace examiner

ExitCode check(const std::string& path, Reporter& reporter) {
    const auto request = protocol::read_request<protocol::CheckRequest>(path);
    at::set_num_threads(1);
    host::set_plugin_log([&](const std::string& line) { reporter.say(protocol::Log{line}); });
    std::filesystem::remove_all(request.folder); // of a worker that a plugin took down
    if (request.stack) examiner::print_stack_on_crash();
    reporter.say(protocol::Checking{"", "load"});
    const auto before = examiner::ProcessState::before_a_plugin();
    const auto& plugin = open_plugin(request.plugin, request.sha256);
    static const char* const words[] = {"pass", "fail", "skip"};
    for (const auto& wanted : request.checks) {
        const examiner::Subject subject{method_of(plugin, wanted.method, request.plugin), reporter,
                                        request.folder, before};
        examiner::announce(subject, wanted.check, "");
        const auto verdict = examiner::verdict_of(examiner::functions.at(wanted.check), subject);
        at::set_num_threads(1); // whatever the plugin has set, for the next check
        reporter.say(
            protocol::Checked{wanted.method, wanted.check, words[verdict.kind], verdict.note});
    }
    reporter.say(protocol::Done{});
    return ExitCode::done;
}

} // namespace mneme::harness
