// SPDX-License-Identifier: Apache-2.0
// The effective keys of a benchmark: what its digest is taken of, and what a results file keeps.
#include <sstream>

#include <base/sha256.hpp>
#include <base/text.hpp>
#include <benchmarks/keys.hpp>
#include <benchmarks/spec_json.hpp>
#include <benchmarks/tasks.hpp>

#include "plan/benchmark.hpp"

namespace mneme::harness {

namespace {

// What a dataset's texts become, and where numbers come from, is not a key of a benchmark: comments
// say it.
std::string rules_of_data(const bench::Spec& spec) {
    std::string lines;
    for (const auto& info : bench::datasets_of(spec)) {
        if (!info.origin.empty())
            lines += "# " + info.name + ": origin " + base::one_line(info.origin) + "\n";
        if (!info.is_text()) continue;
        lines += "# " + info.name + ": " + std::to_string(info.shape[0]) +
                 " tokens a text, vectors of " + std::to_string(info.shape[1]) + " numbers, " +
                 (info.text.vocabulary.empty() ? "drawn with seed " + std::to_string(info.text.seed)
                                               : "WordPiece, looked up") +
                 "\n";
    }
    return lines;
}

std::string as_toml(const Json& value) {
    if (value.is_object()) { // of names
        std::string table;
        for (const auto& [name, other] : value.items())
            table += (table.empty() ? "" : ", ") + Json(name).dump() + " = " + other.dump();
        return "{" + table + "}";
    }
    if (!value.is_array() || value.empty() || !value[0].is_object()) return value.dump();
    std::string list; // of layers
    for (const auto& layer : value) {
        std::string table;
        for (const auto& name : bench::key_names_of_layer(layer.at("kind")))
            if (layer.contains(name))
                table += (table.empty() ? "" : ", ") + name + " = " + as_toml(layer.at(name));
        list += (list.empty() ? "[{" : ",\n    {") + table + "}";
    }
    return list + "]";
}

} // namespace

Json effective_keys(const bench::Spec& given) {
    bench::Spec spec = given;
    if (spec.stream.tasks == 0) // as many as the classes give
        spec.stream.tasks = int64_t(bench::task_names(spec).size());
    for (auto& layer : spec.network.layer)
        layer = bench::with_defaults(std::move(layer), spec.network.bias);
    Json json{{"stream", Json::object()},
              {"scenario", Json::object()},
              {"network", Json::object()},
              {"train", Json::object()}};
    for (const bench::Key& key : bench::keys()) {
        if (!bench::belongs(key, spec) || (key.counts && !key.counts(spec))) continue;
        Json value = bench::value_of(key, spec);
        if (!value.is_null()) json[key.table][key.name] = std::move(value);
    }
    return json;
}

std::string to_toml(const bench::Spec& spec) {
    const Json json = effective_keys(spec);
    std::string text = rules_of_data(spec) + "version = " + Json(spec.version).dump() + "\n";
    for (const auto& table : bench::key_tables()) {
        const Json values = json.value(table, Json::object());
        if (values.empty()) continue;
        text += "\n[" + table + "]\n";
        for (const auto& name : bench::key_names(table))
            if (values.contains(name)) text += name + " = " + as_toml(values.at(name)) + "\n";
    }
    return text;
}

std::string benchmark_digest(const bench::Spec& spec, const std::string& payload_digest) {
    Json payload = Json::array();
    std::istringstream digests(payload_digest);
    for (std::string digest; digests >> digest;) payload.push_back(digest);
    return base::sha256_of(canonical({{"keys", effective_keys(spec)}, {"payload", payload}}));
}

} // namespace mneme::harness
