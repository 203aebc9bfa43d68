// SPDX-License-Identifier: Apache-2.0
#include "protocol/spec.hpp"

#include "protocol/codec.hpp"
#include "protocol/spec_fields.hpp"
#include "protocol/train_settings.hpp"

namespace mneme::protocol {

namespace {

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

// A user's data set, as described in a .dataset.toml file.
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
    try {
        return spec_of(json);
    } catch (const Json::exception&) {
        throw FieldError("a benchmark as this version of mneme writes it is expected");
    }
}

} // namespace mneme::protocol
