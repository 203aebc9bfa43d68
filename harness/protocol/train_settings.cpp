// SPDX-License-Identifier: Apache-2.0
#include "protocol/train_settings.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <base/error.hpp>
#include <base/text.hpp>

#include "protocol/spec_fields.hpp"

namespace mneme::protocol {

namespace {

const std::vector<std::string>& optimizers() {
    static const std::vector<std::string> names{"sgd", "adam", "adamw"};
    return names;
}

struct Bound {
    const char* key;
    double min, max;
    bool min_excluded, max_excluded;
    const char* wanted;
};

constexpr Bound bounds[] = {
    {"lr", 0, INFINITY, true, true, "a number above 0"},
    {"lr_decay", 0, 1, true, false, "a number above 0 and at most 1"},
    {"lr_min", 0, INFINITY, false, true, "a number of at least 0"},
    {"momentum", 0, 1, false, true, "a number of at least 0 and below 1"},
    {"weight_decay", 0, INFINITY, false, true, "a number of at least 0"},
    {"dropout", 0, 1, false, true, "a number of at least 0 and below 1"},
    {"batch_size", 1, 2147483647, false, false, "an integer from 1 to 2147483647"},
    {"epochs", 1, 2147483647, false, false, "an integer from 1 to 2147483647"},
};

std::string out_of_bounds(const std::string& key, double value) {
    for (const auto& bound : bounds) {
        if (key != bound.key) continue;
        const bool low = value < bound.min || (bound.min_excluded && value == bound.min);
        const bool high = value > bound.max || (bound.max_excluded && value == bound.max);
        if (!low && !high && std::isfinite(value)) return "";
        return key + " is " + (std::isfinite(value) ? canonical(value) : "not finite") +
               "; expected " + bound.wanted;
    }
    return "";
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

} // namespace

const std::vector<std::string>& train_keys() {
    static const std::vector<std::string> keys = [] {
        std::vector<std::string> names;
        bench::TrainSpec spec;
        visit_train(spec, [&](const char* key, auto&) { names.push_back(key); });
        return names;
    }();
    return keys;
}

bench::TrainSpec train_from(const Settings& settings) {
    bench::TrainSpec spec;
    for (const auto& [key, setting] : settings) {
        bool known = false;
        const auto read = [&, &wanted = key, &from = setting](const char* name, auto& field) {
            if (wanted != name) return;
            known = true;
            take(wanted, from, field.emplace());
        };
        visit_train(spec, read);
        if (!known)
            fail(setting.where, "unknown key " + base::in_quotes(key) + " in train; " +
                                    base::nearest_or_all(key, train_keys()));
        std::string at_fault;
        const std::string sentence = fault(spec, at_fault);
        if (!sentence.empty()) fail(setting.where, sentence);
    }
    return spec;
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
    if (spec.optimizer && std::find(optimizers().begin(), optimizers().end(), *spec.optimizer) ==
                              optimizers().end()) {
        key = "optimizer";
        return "unknown optimizer " + base::in_quotes(*spec.optimizer) + "; " +
               base::nearest_or_all(*spec.optimizer, optimizers());
    }
    std::string sentence;
    visit_train(spec, [&](const char* name, const auto& field) {
        if constexpr (std::is_arithmetic_v<typename std::decay_t<decltype(field)>::value_type>) {
            if (!sentence.empty() || !field) return;
            sentence = out_of_bounds(name, double(*field));
            if (!sentence.empty()) key = name;
        }
    });
    if (sentence.empty() && spec.lr && spec.lr_min && *spec.lr_min > *spec.lr) {
        key = "lr_min";
        sentence = "lr_min is " + canonical(*spec.lr_min) + " and lr is " + canonical(*spec.lr) +
                   "; expected a floor of at most lr";
    }
    return sentence;
}

Json to_json(const bench::TrainSpec& spec) {
    Json json = Json::object();
    visit_train(spec, [&](const char* key, const auto& field) {
        if (field) json[key] = *field;
    });
    return json;
}

bench::TrainSpec train_from_json(const Json& json) {
    bench::TrainSpec spec;
    for (const auto& [key, value] : json.items()) {
        bool known = false;
        const auto read = [&, name = key, &from = value](const char* field_name, auto& field) {
            if (name != field_name) return;
            known = true;
            field = from.template get<typename std::decay_t<decltype(field)>::value_type>();
        };
        visit_train(spec, read);
        if (!known)
            throw base::ExitError(base::ExitCode::bad_input,
                                  "train settings: unknown key " + base::in_quotes(key) + "; " +
                                      base::nearest_or_all(key, train_keys()));
    }
    return spec;
}

} // namespace mneme::protocol
