// SPDX-License-Identifier: Apache-2.0
#include <benchmarks/spec_json.hpp>

#include <algorithm>
#include <stdexcept>
#include <type_traits>

#include <base/text.hpp>
#include <benchmarks/tasks.hpp>

namespace mneme::bench {

namespace {

using Json = nlohmann::json;

template <class T> Json plain(const T& value) { return value; }
template <class T> Json plain(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}

template <class T> void assign(const Json& json, T& value) { json.get_to(value); }
template <class T> void assign(const Json& json, std::optional<T>& value) { value = json.get<T>(); }

Json table_json(const std::string& table, const Spec& spec) {
    Json json = Json::object();
    for (const Key& key : keys()) {
        if (key.table != table) continue;
        Json value = value_of(key, spec);
        if (!value.is_null()) json[key.name] = std::move(value);
    }
    return json;
}

// Every key must be there but for those of [train], which may be unset.
void read_table(const Json& json, const std::string& table, Spec& spec) {
    for (const Key& key : keys()) {
        if (key.table != table || (table == "train" && !json.contains(key.name))) continue;
        set_value(key, spec, json.at(key.name));
    }
    const auto known = key_names(table);
    for (const auto& [name, value] : json.items())
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw std::runtime_error("[" + table + "] of a benchmark: unknown key " +
                                     base::in_quotes(name) + "; known are " + base::joined(known));
}

} // namespace

void to_json(Json& json, const ClassCounts& counts) {
    if (counts.list.empty()) json = counts.each;
    else json = counts.list;
}

void from_json(const Json& json, ClassCounts& counts) {
    counts = json.is_array() ? ClassCounts(json.get<std::vector<int64_t>>())
                             : ClassCounts(json.get<int64_t>());
}

void to_json(Json& json, const ClassOrder& order) {
    if (order.seeded) json = "seeded";
    else json = order.list;
}

void from_json(const Json& json, ClassOrder& order) {
    order = {};
    if (json.is_array()) order.list = json.get<std::vector<int64_t>>();
    else order.seeded = true;
}

Json value_of(const Key& key, const Spec& spec) {
    // Only read: the table has one function for both.
    return std::visit([](auto* value) { return plain(*value); },
                      key.field(const_cast<Spec&>(spec)));
}

void set_value(const Key& key, Spec& spec, const Json& json) {
    std::visit([&](auto* value) { assign(json, *value); }, key.field(spec));
}

namespace {

// What only a user's own data say: no other set's JSON has them.
Json number_keys(const DatasetInfo& info) {
    const ColumnRule& rule = info.columns;
    return {{"values", int(info.values)},
            {"origin", info.origin},
            {"channels_last", info.channels_last},
            {"arrays", info.arrays},
            {"columns", {rule.label, rule.label_number, rule.separator, plain(rule.header)}},
            {"pictures", {info.pictures.resize, info.pictures.bits}}};
}

void read_number_keys(const Json& json, DatasetInfo& info) {
    info.values = ValueType(json.at("values").get<int>());
    info.origin = json.at("origin");
    info.channels_last = json.at("channels_last");
    info.arrays = json.at("arrays").get<std::vector<std::string>>();
    const Json& rule = json.at("columns");
    info.columns = {rule.at(0), rule.at(1), rule.at(2), {}};
    if (!rule.at(3).is_null()) info.columns.header = rule.at(3).get<bool>();
    info.pictures = {json.at("pictures").at(0), json.at("pictures").at(1)};
}

} // namespace

Json json_of(const DatasetInfo& info) {
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
        {"archive", info.archive},
        {"label_bytes", info.label_bytes},
        {"copies", {info.this_copy, info.other_copy}},
        {"examples", info.examples},
        {"text", {info.text.seed, info.text.vocabulary, info.text.vectors, info.text.tensor}}};
    for (const auto& file : info.files)
        json["files"].push_back({file.name, file.bytes, file.sha256, file.another});
    const Json numbers = number_keys(info);
    if (numbers != number_keys({})) json["numbers"] = numbers;
    return json;
}

DatasetInfo dataset_from_json(const Json& json) {
    DatasetInfo info;
    info.name = json.at("name");
    info.title = json.at("title");
    info.licence = json.at("licence");
    info.citation = json.at("citation");
    info.how_to_get = json.at("get");
    info.classes = json.at("classes");
    info.shape = json.at("shape").get<std::vector<int64_t>>();
    info.default_folders = json.at("folders").get<std::vector<std::string>>();
    info.format = Format(json.at("format").get<int>());
    info.folder = json.at("folder");
    info.archive = json.at("archive");
    info.label_bytes = json.at("label_bytes");
    info.this_copy = json.at("copies").at(0);
    info.other_copy = json.at("copies").at(1);
    info.examples = json.at("examples");
    const Json& text = json.at("text");
    info.text = {text.at(0), text.at(1), text.at(2), text.at(3)};
    for (const auto& file : json.at("files"))
        info.files.push_back({file.at(0), file.at(1), file.at(2), file.at(3)});
    if (json.contains("numbers")) read_number_keys(json["numbers"], info);
    return info;
}

Json json_of(const Spec& spec) {
    Json json{{"name", spec.name}, {"version", spec.version}, {"datasets", Json::array()}};
    for (const auto& info : spec.datasets) json["datasets"].push_back(json_of(info));
    for (const auto& table : key_tables()) json[table] = table_json(table, spec);
    return json;
}

Spec spec_from_json(const Json& json) {
    Spec spec;
    spec.name = json.at("name");
    spec.version = json.at("version");
    for (const auto& table : key_tables()) read_table(json.at(table), table, spec);
    for (const auto& set : json.at("datasets")) spec.datasets.push_back(dataset_from_json(set));
    datasets_of(spec); // throws where one that the stream names is not described
    return spec;
}

} // namespace mneme::bench
