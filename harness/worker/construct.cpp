// SPDX-License-Identifier: Apache-2.0
// Questions about plugins: do they fit a plan, what options have they.
#include <ATen/ATen.h>

#include <benchmarks/tasks.hpp>
#include <mneme/error.hpp>

#include "host/kernels.hpp"
#include "host/learner.hpp"
#include "protocol/requests.hpp"
#include "protocol/train_settings.hpp"
#include "worker/commands.hpp"
#include "worker/isolated.hpp"

namespace mneme::harness {
namespace {

std::vector<std::string> flags_of(uint32_t flags) {
    static const std::pair<uint32_t, const char*> names[] = {
        {MNEME_NEEDS_TASK_ID, "needs_task_id"},
        {MNEME_NEEDS_TASK_BOUNDARIES, "needs_task_boundaries"},
        {MNEME_ORACLE, "oracle"},
        {MNEME_CAPTURES, "captures"},
        {MNEME_BATCHED, "batched"},
        {MNEME_STORES_EXAMPLES, "stores_examples"},
        {MNEME_SCORES, "scores"}};
    std::vector<std::string> out;
    for (const auto& [bit, name] : names)
        if (flags & bit) out.push_back(name);
    return out;
}

protocol::Option described(const host::Declared& d) {
    return {d.name, d.kind,         d.values.front(), d.standard, d.min,
            d.max,  d.min_excluded, d.max_excluded,   d.choices,  d.help};
}

// A network that does not fit the stream's examples is the benchmark's fault.
std::unique_ptr<bench::Network> network_of(const bench::Spec& spec) {
    try {
        return bench::make_network(spec.network, bench::input_shape(spec), bench::head_width(spec));
    } catch (const std::runtime_error& fault) {
        throw base::ExitError(ExitCode::bad_input, "benchmark " + spec.name + ": " + fault.what());
    }
}

} // namespace

protocol::Constructed construct_once(const mneme_method& method, const bench::Spec& spec,
                                     const Settings& options, const Settings& train) {
    const auto network = network_of(spec);
    host::Head head{
        spec.scenario.kind, spec.scenario.head == "shared", bench::head_width(spec), {{0}}};
    host::Session session(*network, {1}, head, at::arange(256, at::kFloat) / 255, at::kCPU);
    if (spec.stream.hidden()) session.hide_boundaries();
    host::OptionBook book(method.id, {options}, {train}, protocol::to_json(spec.train));
    { host::Learner learner(method, session, book); }
    book.refuse_leftovers();
    protocol::Constructed made{
        0,  method.id,    method.version, method.summary, method.paper, flags_of(method.flags),
        {}, book.train(0)};
    for (const auto& d : book.options()) made.options.push_back(described(d));
    return made;
}

namespace {

protocol::Gpu look_for_gpu() {
    try {
        host::open_cuda();
        return {true};
    } catch (const base::ExitError& e) {
        return {false, e.what()};
    }
}

protocol::Message answer_to(const protocol::ConstructEntry& entry, int64_t index) {
    const auto refused = [&](ExitCode exit, const std::string& why) {
        return protocol::Refused{index, why, exit};
    };
    const auto refused_plugin = [&](const std::string& why) {
        const bool named = why.rfind(entry.plugin, 0) == 0;
        return refused(ExitCode::plugin_refused, named ? why : entry.plugin + ": " + why);
    };
    try {
        const auto& method =
            method_of(open_plugin(entry.plugin, entry.sha256), entry.id, entry.plugin);
        auto made = construct_once(method, entry.spec, entry.options, entry.train);
        made.index = index;
        return made;
    } catch (const base::ExitError& e) {
        return e.code() == ExitCode::plugin_refused ? refused_plugin(e.what())
                                                    : refused(e.code(), e.what());
    } catch (const Error& e) { // whatever number the plugin gave it
        return refused_plugin(e.what());
    }
}

} // namespace

ExitCode construct(const std::string& path, Reporter& reporter) {
    const auto request = protocol::read_request<protocol::ConstructRequest>(path);
    for (std::size_t k = 0; k < request.entries.size(); ++k) {
        const auto index = static_cast<int64_t>(k);
        reporter.say(protocol::Constructing{index, request.entries[k].plugin});
        run_isolated([&] { reporter.say(answer_to(request.entries[k], index)); });
    }
    if (request.gpu) reporter.say(look_for_gpu()); // last: a GPU that is open cannot be forked
    return ExitCode::done;                         // a refusal is an answer
}

ExitCode networks(const std::string& path, Reporter& reporter) {
    const auto request = protocol::read_request<protocol::NetworksRequest>(path);
    int64_t index = 0;
    for (const auto& spec : request.specs) {
        protocol::NetworkFacts facts{index++};
        try {
            const auto network = network_of(spec);
            const auto& whole = network->whole();
            facts.parameters = whole.parameters();
            for (std::size_t l = 0; l < whole.layers().size(); ++l) {
                const auto& layer = whole.layers()[l];
                facts.layers.push_back({layer.name, layer.shape,
                                        layer.frozen        ? "frozen"
                                        : whole.is_given(l) ? "file"
                                                            : "init"});
            }
        } catch (const base::ExitError& fault) {
            facts.message = fault.what();
        }
        reporter.say(facts);
    }
    reporter.say(protocol::Done{});
    return ExitCode::done;
}

ExitCode describe(const std::string& path, const std::string& sha256, Reporter& reporter) {
    const auto& plugin = open_plugin(path, sha256);
    bench::Spec tiny;
    tiny.stream.kind = "synthetic";
    tiny.stream.tasks = 1;
    tiny.stream.classes_per_task = 2;
    tiny.stream.features = 4;
    tiny.network.hidden = {32}; // wide enough for the default of every option, sparse masks too
    int64_t index = 0;
    for (auto method = plugin.methods; *method; ++method) {
        try {
            auto made = construct_once(**method, tiny, {}, {});
            made.index = index++;
            reporter.say(made);
        } catch (const std::runtime_error& e) { // base::ExitError, or the plugin's mneme::Error
            throw base::ExitError(ExitCode::plugin_refused, path + ": " + e.what());
        }
    }
    return ExitCode::done;
}

} // namespace mneme::harness
