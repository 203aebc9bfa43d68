// SPDX-License-Identifier: Apache-2.0
// Questions about plugins: do they fit a plan, what options have they.
#include <ATen/ATen.h>

#include <benchmarks/dataset.hpp>
#include <benchmarks/tasks.hpp>
#include <mneme/error.hpp>

#include "host/kernels.hpp"
#include "host/learner.hpp"
#include "plan/train.hpp"
#include "worker/commands.hpp"

namespace mneme::harness {
namespace {

Json flags_of(uint32_t flags) {
    static const std::pair<uint32_t, const char*> names[] = {
        {MNEME_NEEDS_TASK_ID, "needs_task_id"},
        {MNEME_NEEDS_TASK_BOUNDARIES, "needs_task_boundaries"},
        {MNEME_ORACLE, "oracle"},
        {MNEME_CAPTURES, "captures"},
        {MNEME_BATCHED, "batched"},
        {MNEME_STORES_EXAMPLES, "stores_examples"},
        {MNEME_SCORES, "scores"}};
    Json out = Json::array();
    for (const auto& [bit, name] : names)
        if (flags & bit) out.push_back(name);
    return out;
}

Json described(const host::Declared& d) {
    return {{"name", d.name},
            {"kind", d.kind},
            {"value", d.values.front()},
            {"default", d.standard},
            {"min", d.min ? Json(*d.min) : Json()},
            {"max", d.max ? Json(*d.max) : Json()},
            {"min_excluded", d.min_excluded},
            {"max_excluded", d.max_excluded},
            {"choices", d.choices},
            {"help", d.help}};
}

// A network that does not fit the stream's examples is the benchmark's fault.
std::unique_ptr<bench::Network> network_of(const bench::Spec& spec) {
    try {
        return bench::make_network(spec.network, bench::input_shape(spec), bench::head_width(spec));
    } catch (const std::runtime_error& fault) {
        throw Error("benchmark " + spec.name + ": " + fault.what(), 65);
    }
}

} // namespace

Json construct_once(const mneme_method& method, const bench::Spec& spec, const Settings& options,
                    const Settings& train) {
    const auto network = network_of(spec);
    host::Head head{
        spec.scenario.kind, spec.scenario.head == "shared", bench::head_width(spec), {{0}}};
    host::Session session(*network, {1}, head, at::arange(256, at::kFloat) / 255, at::kCPU);
    if (spec.stream.hidden()) session.hide_boundaries();
    host::OptionBook book(method.id, {options}, {train}, to_json(spec.train));
    { host::Learner learner(method, session, book); }
    book.refuse_leftovers();
    Json out = {{"event", "constructed"},    {"id", method.id},
                {"version", method.version}, {"summary", method.summary},
                {"paper", method.paper},     {"flags", flags_of(method.flags)},
                {"options", Json::array()},  {"train", book.train(0)}};
    for (const auto& d : book.options()) out["options"].push_back(described(d));
    return out;
}

namespace {

Settings settings_of(const Json& j) {
    Settings out;
    for (const auto& [key, item] : j.items())
        out.push_back({key, {item.at("value"), item.value("where", "")}});
    return out;
}

Json look_for_gpu() {
    try {
        host::open_cuda();
        return {{"event", "gpu"}, {"usable", true}};
    } catch (const Error& e) {
        return {{"event", "gpu"}, {"usable", false}, {"message", e.what()}};
    }
}

} // namespace

int construct(const std::string& path, Reporter& reporter) {
    const auto request = read_json(path);
    if (request.value("gpu", false)) reporter.say(look_for_gpu());
    int64_t index = 0;
    int status = 0;
    for (const auto& entry : request.at("entries")) {
        const std::string plugin = entry.at("plugin");
        reporter.say({{"event", "constructing"}, {"index", index}, {"plugin", plugin}});
        try {
            const auto& method =
                method_of(open_plugin(plugin, entry.value("sha256", "")), entry.at("id"), plugin);
            auto answer =
                construct_once(method, spec_from_json(entry.at("spec")),
                               settings_of(entry.at("options")), settings_of(entry.at("train")));
            answer["index"] = index;
            reporter.say(answer);
        } catch (const Error& e) {
            status = e.code() == 65 || e.code() == 75 ? e.code() : 69;
            const bool named = status != 69 || std::string(e.what()).find(plugin) == 0;
            reporter.say({{"event", "refused"},
                          {"index", index},
                          {"message", named ? e.what() : plugin + ": " + e.what()},
                          {"exit", status}});
        }
        ++index;
    }
    return status;
}

int networks(const std::string& path, Reporter& reporter) {
    const auto request = read_json(path);
    int64_t index = 0;
    for (const auto& wanted : request.at("specs")) {
        Json said = {{"event", "network"}, {"index", index++}};
        try {
            const auto network = network_of(spec_from_json(wanted));
            said["parameters"] = network->parameters();
            said["layers"] = Json::array();
            for (const auto& layer : network->layers())
                said["layers"].push_back({{"name", layer.name}, {"shape", layer.shape}});
        } catch (const Error& fault) {
            said["message"] = fault.what();
        }
        reporter.say(said);
    }
    reporter.say({{"event", "done"}});
    return 0;
}

int describe(const std::string& path, const std::string& sha256, Reporter& reporter) {
    const auto& plugin = open_plugin(path, sha256);
    bench::Spec tiny;
    tiny.stream.kind = "synthetic";
    tiny.stream.tasks = 1, tiny.stream.classes_per_task = 2, tiny.stream.features = 4;
    tiny.network.hidden = {32}; // wide enough for the default of every option, sparse masks too
    int64_t index = 0;
    for (auto m = plugin.methods; *m; ++m) try {
            auto answer = construct_once(**m, tiny, {}, {});
            answer["index"] = index++;
            reporter.say(answer);
        } catch (const Error& e) {
            throw Error(path + ": " + e.what(), 69);
        }
    return 0;
}

} // namespace mneme::harness
