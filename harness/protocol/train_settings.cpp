// SPDX-License-Identifier: Apache-2.0
#include "protocol/train_settings.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <base/error.hpp>
#include <base/text.hpp>
#include <benchmarks/keys.hpp>
#include <benchmarks/spec_json.hpp>

namespace mneme::protocol {

namespace {

// A benchmark of these settings alone: what the table of keys looks into.
bench::Spec with(const bench::TrainSpec& train) { return {"", "1", {}, {}, {}, {}, train, {}}; }

const bench::Key* known_key(const std::string& name) {
    for (const bench::Key& key : bench::keys())
        if (key.table == "train" && key.name == name) return &key;
    return nullptr;
}

[[noreturn]] void fail(const std::string& where, const std::string& what) {
    throw base::ExitError(base::ExitCode::bad_input, base::one_line(where + ": " + what));
}

std::string kind_of(const Json& value) {
    if (value.is_string()) return "a string";
    if (value.is_boolean()) return "true or false";
    if (value.is_number_integer()) return "an integer";
    if (value.is_number())
        return std::isfinite(value.get<double>()) ? "a real number" : "not a finite number";
    return value.is_array() ? "a list" : "a table";
}

[[noreturn]] void wrong(const std::string& key, const Setting& setting, const char* wanted) {
    fail(setting.where, key + " is " + kind_of(setting.value) + "; expected " + wanted);
}

void take(const std::string& key, const Setting& setting, std::string& to) {
    if (!setting.value.is_string()) wrong(key, setting, "a string");
    to = setting.value.get<std::string>();
}
void take(const std::string& key, const Setting& setting, bool& to) {
    if (!setting.value.is_boolean()) wrong(key, setting, "true or false");
    to = setting.value.get<bool>();
}
void take(const std::string& key, const Setting& setting, int64_t& to) {
    if (!setting.value.is_number_integer()) wrong(key, setting, "an integer");
    to = setting.value.get<int64_t>();
}
void take(const std::string& key, const Setting& setting, double& to) {
    if (!setting.value.is_number() || !std::isfinite(setting.value.get<double>()))
        wrong(key, setting, "a number");
    to = setting.value.get<double>();
}

template <class Value>
void take_value(const std::string& key, const Setting& setting, std::optional<Value>& to) {
    take(key, setting, to.emplace());
}
template <class Value>
void take_value(const std::string&, const Setting&, Value&) {
} // no key of [train] is of another type

} // namespace

const std::vector<std::string>& train_keys() {
    static const std::vector<std::string> names = bench::key_names("train");
    return names;
}

bench::TrainSpec train_from(const Settings& settings) {
    bench::Spec spec;
    for (const auto& [name, setting] : settings) {
        const bench::Key* key = known_key(name);
        if (!key)
            fail(setting.where, "unknown key " + base::in_quotes(name) + " in train; " +
                                    base::nearest_or_all(name, train_keys()));
        std::visit(
            [&, &called = name, &from = setting](auto* value) { take_value(called, from, *value); },
            key->field(spec));
        std::string at_fault;
        const std::string sentence = fault(spec.train, at_fault);
        if (!sentence.empty()) fail(setting.where, sentence);
    }
    return spec.train;
}

bench::TrainSpec merge(const bench::TrainSpec& plugin, const bench::TrainSpec& benchmark,
                       const bench::TrainSpec& method) {
    Json merged = to_json(plugin);
    merged.update(to_json(benchmark));
    merged.update(to_json(method));
    return train_from_json(merged);
}

bench::TrainSpec train_defaults() {
    bench::TrainSpec spec;
    spec.optimizer = "sgd";
    spec.lr_decay = 1;
    spec.lr_min = 0;
    spec.weight_decay = 0;
    spec.dropout = 0;
    spec.epochs = 1;
    spec.drop_last = false;
    spec.reset_optimizer = true;
    return spec;
}

std::string fault(const bench::TrainSpec& spec, std::string& key) {
    const std::vector<std::string> optimizers = bench::OptimizerKind::all();
    if (spec.optimizer &&
        std::find(optimizers.begin(), optimizers.end(), *spec.optimizer) == optimizers.end()) {
        key = "optimizer";
        return "unknown optimizer " + base::in_quotes(*spec.optimizer) + "; " +
               base::nearest_or_all(*spec.optimizer, optimizers);
    }
    std::string sentence;
    const bench::Spec whole = with(spec);
    for (const auto& name : train_keys()) {
        if (!sentence.empty()) break;
        sentence = bench::fault_of(bench::key("train", name), whole);
        if (!sentence.empty()) key = name;
    }
    if (sentence.empty() && spec.lr && spec.lr_min && *spec.lr_min > *spec.lr) {
        key = "lr_min";
        sentence = "lr_min is " + canonical(*spec.lr_min) + " and lr is " + canonical(*spec.lr) +
                   "; expected a floor of at most lr";
    }
    return sentence;
}

Json to_json(const bench::TrainSpec& train) {
    const bench::Spec spec = with(train);
    Json json = Json::object();
    for (const auto& name : train_keys()) {
        Json value = bench::value_of(bench::key("train", name), spec);
        if (!value.is_null()) json[name] = std::move(value);
    }
    return json;
}

bench::TrainSpec train_from_json(const Json& json) {
    bench::Spec spec;
    for (const auto& [name, value] : json.items()) {
        const bench::Key* key = known_key(name);
        if (!key)
            throw base::ExitError(base::ExitCode::bad_input,
                                  "train settings: unknown key " + base::in_quotes(name) + "; " +
                                      base::nearest_or_all(name, train_keys()));
        bench::set_value(*key, spec, value);
    }
    return spec.train;
}

} // namespace mneme::protocol
