// SPDX-License-Identifier: Apache-2.0
// The effective keys of a benchmark: what its digest is taken of, and what a results file keeps.
#include <algorithm>
#include <sstream>

#include <base/sha256.hpp>
#include <benchmarks/dataset.hpp>
#include <benchmarks/kinds.hpp>
#include <benchmarks/tasks.hpp>

#include "plan/benchmark.hpp"
#include "plan/stream_keys.hpp"
#include "protocol/spec_fields.hpp"

namespace mneme::harness {

using protocol::visit_augment;
using protocol::visit_network;
using protocol::visit_scenario;
using protocol::visit_stream;
using protocol::visit_train;

const std::vector<std::string>& stream_kinds() {
    static const std::vector<std::string> kinds{"rotated", "permuted", "split", "sequence",
                                                "synthetic"};
    return kinds;
}

const std::vector<std::string>& all_stream_keys() {
    static const std::vector<std::string> keys = [] {
        std::vector<std::string> names;
        bench::StreamSpec spec;
        visit_stream(spec, [&](const char* key, auto&) { names.push_back(key); });
        return names;
    }();
    return keys;
}

std::vector<std::string> stream_keys(const std::string& kind) {
    std::vector<std::string> keys{"kind"};
    if (kind == "sequence") keys.push_back("datasets");
    else if (kind != "synthetic") keys.push_back("dataset");
    keys.insert(keys.end(),
                {"tasks", "train_examples", "test_examples", "validation", "label_noise",
                 "imbalance", "online", "boundaries", "blur", "normalise"});
    if (kind == "rotated")
        keys.insert(keys.end(), {"degrees_per_task", "linspace", "jitter", "interpolation"});
    else if (kind == "permuted") keys.push_back("first_task");
    else if (kind == "split") keys.insert(keys.end(), {"classes_per_task", "class_order"});
    else if (kind == "sequence") keys.push_back("classes_per_task");
    else if (kind == "synthetic")
        keys.insert(keys.end(), {"classes_per_task", "features", "separation"});
    else keys.clear();
    return keys;
}

std::vector<std::string> network_names() {
    std::vector<std::string> names;
    for (const auto& kind : bench::network_kinds()) names.push_back(kind.kind);
    return names;
}

const std::vector<std::string>& all_network_keys() {
    static const std::vector<std::string> keys = [] {
        std::vector<std::string> names;
        bench::NetworkSpec spec;
        visit_network(spec, [&](const char* key, auto&) { names.push_back(key); });
        return names;
    }();
    return keys;
}

std::vector<std::string> network_keys(const std::string& kind) {
    std::vector<std::string> keys;
    for (const auto& known : bench::network_kinds())
        if (known.kind == kind) keys = known.keys, keys.insert(keys.begin(), "kind");
    return keys;
}

Json effective_keys(const bench::Spec& spec) {
    bench::StreamSpec stream = spec.stream;
    if (stream.tasks == 0)
        stream.tasks = int64_t(bench::task_names(spec).size()); // split: said by the classes
    std::vector<std::string> keys = stream_keys(stream.kind);
    std::erase(keys,
               stream.linspace.empty() ? "linspace" : "degrees_per_task"); // the one or the other
    // Later keys: digests from before them stay as they are.
    if (stream.jitter == 0) std::erase(keys, "jitter");
    if (stream.label_noise == 0) std::erase(keys, "label_noise");
    if (stream.imbalance == 1) std::erase(keys, "imbalance");
    if (!stream.online) std::erase(keys, "online");
    if (!stream.hidden()) std::erase(keys, "boundaries"), std::erase(keys, "blur");
    if (stream.kind == "sequence" && stream.classes_per_task.each == 0 &&
        stream.classes_per_task.list.empty())
        std::erase(keys, "classes_per_task"); // one task a data set
    Json json{{"stream", Json::object()},
              {"scenario", Json::object()},
              {"network", Json::object()},
              {"train", to_json(spec.train)}};
    visit_stream(stream, [&](const char* key, const auto& field) {
        if (std::find(keys.begin(), keys.end(), key) != keys.end()) json["stream"][key] = field;
    });
    visit_scenario(spec.scenario,
                   [&](const char* key, const auto& field) { json["scenario"][key] = field; });
    if (spec.augment.any())
        visit_augment(spec.augment,
                      [&](const char* key, const auto& field) { json["augment"][key] = field; });
    const auto of_network = network_keys(spec.network.kind);
    visit_network(spec.network, [&](const char* key, const auto& field) {
        if (std::find(of_network.begin(), of_network.end(), key) != of_network.end())
            json["network"][key] = field;
    });
    return json;
}

namespace {

// What the keys do not say of texts: comments, as it is not a key of a benchmark.
std::string rules_of_texts(const bench::Spec& spec) {
    std::string lines;
    for (const auto& info : bench::datasets_of(spec)) {
        if (!info.is_text()) continue;
        lines += "# " + info.name + ": " + std::to_string(info.shape[0]) +
                 " tokens a text, vectors of " + std::to_string(info.shape[1]) + " numbers, " +
                 (info.text.vocabulary.empty() ? "drawn with seed " + std::to_string(info.text.seed)
                                               : "WordPiece, looked up") +
                 "\n";
    }
    return lines;
}

} // namespace

std::string to_toml(const bench::Spec& spec) {
    const Json json = effective_keys(spec);
    std::string text = rules_of_texts(spec) + "version = " + Json(spec.version).dump() + "\n";
    const auto table = [&](const char* name, const auto& part, auto walk) {
        const Json values = json.value(name, Json::object());
        if (values.empty()) return;
        text += std::string("\n[") + name + "]\n";
        walk(part, [&](const char* key, const auto&) {
            if (values.contains(key))
                text += std::string(key) + " = " + values.at(key).dump() + "\n";
        });
    };
    table("stream", spec.stream, [](const auto& s, auto visit) { visit_stream(s, visit); });
    table("augment", spec.augment, [](const auto& a, auto visit) { visit_augment(a, visit); });
    table("scenario", spec.scenario, [](const auto& s, auto visit) { visit_scenario(s, visit); });
    table("network", spec.network, [](const auto& n, auto visit) { visit_network(n, visit); });
    table("train", spec.train, [](const auto& t, auto visit) { visit_train(t, visit); });
    return text;
}

std::string benchmark_digest(const bench::Spec& spec, const std::string& payload_digest) {
    Json payload = Json::array();
    std::istringstream digests(payload_digest);
    for (std::string digest; digests >> digest;) payload.push_back(digest);
    base::Sha256 hash;
    hash.add(canonical({{"keys", effective_keys(spec)}, {"payload", payload}}));
    return hash.hex();
}

} // namespace mneme::harness
