// SPDX-License-Identifier: Apache-2.0
// Cells and specs as JSON, both ways, without loss.
#include <mneme/error.hpp>

#include "plan/fields.hpp"
#include "plan/plan.hpp"
#include "plan/train.hpp"

namespace mneme::harness {

namespace {

Json settings_json(const Settings& settings) {
    Json list = Json::array(); // a list keeps the order
    for (const auto& [key, setting] : settings)
        list.push_back({{"key", key}, {"value", setting.value}, {"where", setting.where}});
    return list;
}

Settings settings_of(const Json& list) {
    Settings settings;
    for (const auto& item : list)
        settings.emplace_back(item.at("key"), Setting{item.at("value"), item.at("where")});
    return settings;
}

template <class Part, class Walk> Json part_json(const Part& part, Walk walk) {
    Json json = Json::object();
    walk(part, [&](const char* key, const auto& field) { json[key] = field; });
    return json;
}

template <class Part, class Walk> Part part_of(const Json& json, Walk walk) {
    Part part;
    walk(part, [&](const char* key, auto& field) { json.at(key).get_to(field); });
    return part;
}

constexpr auto streams = [](auto& part, auto visit) { visit_stream(part, visit); };
constexpr auto augments = [](auto& part, auto visit) { visit_augment(part, visit); };
constexpr auto scenarios = [](auto& part, auto visit) { visit_scenario(part, visit); };
constexpr auto networks = [](auto& part, auto visit) { visit_network(part, visit); };

Json run_json(const Run& run) {
    return {{"digest", run.digest},
            {"label", run.label},
            {"seed", run.seed},
            {"options", settings_json(run.options)},
            {"train", settings_json(run.train)},
            {"effective_options", run.effective_options},
            {"effective_train", run.effective_train}};
}

Run run_of(const Json& json) {
    Run run;
    run.digest = json.at("digest");
    run.label = json.at("label");
    run.seed = json.at("seed");
    run.options = settings_of(json.at("options"));
    run.train = settings_of(json.at("train"));
    run.effective_options = json.at("effective_options");
    run.effective_train = json.at("effective_train");
    return run;
}

// A user's data set, as described (datasets.hpp).
Json dataset_json(const bench::DatasetInfo& info) {
    Json json{
        {"name", info.name},
        {"title", info.title},
        {"licence", info.licence},
        {"citation", info.citation},
        {"get", info.how_to_get},
        {"classes", info.classes},
        {"shape", info.shape},
        {"folders", info.default_folders},
        {"files", Json::array()},
        {"format", int(info.format)},
        {"folder", info.folder},
        {"text", {info.text.seed, info.text.vocabulary, info.text.vectors, info.text.tensor}}};
    for (const auto& file : info.files)
        json["files"].push_back({file.name, file.bytes, file.sha256});
    return json;
}

bench::DatasetInfo dataset_of(const Json& json) {
    bench::DatasetInfo info;
    info.name = json.at("name"), info.title = json.at("title"), info.licence = json.at("licence"),
    info.citation = json.at("citation");
    info.how_to_get = json.at("get"), info.classes = json.at("classes");
    info.shape = json.at("shape").get<std::vector<int64_t>>();
    info.default_folders = json.at("folders").get<std::vector<std::string>>();
    info.format = bench::Format(json.at("format").get<int>());
    info.folder = json.at("folder");
    const Json& text = json.at("text");
    info.text = {text.at(0), text.at(1), text.at(2), text.at(3)};
    for (const auto& file : json.at("files"))
        info.files.push_back({file.at(0), file.at(1), file.at(2), ""});
    return info;
}

bench::Spec spec_of(const Json& json) {
    bench::Spec spec;
    spec.name = json.at("name");
    spec.version = json.at("version");
    spec.stream = part_of<bench::StreamSpec>(json.at("stream"), streams);
    spec.augment = part_of<bench::AugmentSpec>(json.at("augment"), augments);
    spec.scenario = part_of<bench::ScenarioSpec>(json.at("scenario"), scenarios);
    spec.network = part_of<bench::NetworkSpec>(json.at("network"), networks);
    spec.train = train_from_json(json.at("train"));
    for (const auto& set : json.value("own", Json::array())) spec.own.push_back(dataset_of(set));
    return spec;
}

// Plain members of a cell, by key.
template <class C, class Visit> void visit_cell(C& c, Visit visit) {
    visit("plugin_id", c.plugin_id);
    visit("plugin_path", c.plugin_path);
    visit("plugin_sha256", c.plugin_sha256);
    visit("plugin_version", c.plugin_version);
    visit("plugin_paper", c.plugin_paper);
    visit("plugin_note", c.plugin_note);
    visit("limit_train", c.limit_train);
    visit("limit_test", c.limit_test);
    visit("evaluate_on", c.evaluate_on);
    visit("precision", c.precision);
    visit("device", c.device);
    visit("threads", c.threads);
    visit("keep_weights", c.keep_weights);
    visit("data_folders", c.data_folders);
    visit("output", c.output);
    visit("command_line", c.command_line);
    visit("wall_limit_s", c.wall_limit_s);
    visit("stall_limit_s", c.stall_limit_s);
    visit("memory_limit_mib", c.memory_limit_mib);
}

template <class F> auto reading(const char* what, F read) {
    try {
        return read();
    } catch (const Json::exception& fault) {
        throw Error(std::string(what) + ": cannot be read (" + fault.what() +
                        "); expected text written by this version's planner",
                    65);
    }
}

} // namespace

Json to_json(const bench::Spec& spec) {
    Json own = Json::array();
    for (const auto& info : spec.own) own.push_back(dataset_json(info));
    return {{"own", own},
            {"name", spec.name},
            {"version", spec.version},
            {"stream", part_json(spec.stream, streams)},
            {"augment", part_json(spec.augment, augments)},
            {"scenario", part_json(spec.scenario, scenarios)},
            {"network", part_json(spec.network, networks)},
            {"train", to_json(spec.train)}};
}

bench::Spec spec_from_json(const Json& json) {
    return reading("benchmark", [&] { return spec_of(json); });
}

Json to_json(const Cell& cell) {
    Json json{{"benchmark",
               {{"spec", to_json(cell.benchmark.spec)},
                {"digest", cell.benchmark.digest},
                {"toml", cell.benchmark.toml}}},
              {"runs", Json::array()}};
    for (const auto& run : cell.runs) json["runs"].push_back(run_json(run));
    visit_cell(cell, [&](const char* key, const auto& field) { json[key] = field; });
    return json;
}

Cell cell_from_json(const Json& json) {
    return reading("cell", [&] {
        Cell cell;
        const Json& benchmark = json.at("benchmark");
        cell.benchmark = {spec_of(benchmark.at("spec")), benchmark.at("digest"),
                          benchmark.at("toml")};
        for (const auto& run : json.at("runs")) cell.runs.push_back(run_of(run));
        visit_cell(cell, [&](const char* key, auto& field) { json.at(key).get_to(field); });
        return cell;
    });
}

} // namespace mneme::harness
