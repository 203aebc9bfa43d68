// SPDX-License-Identifier: Apache-2.0
#include "plan/train.hpp"

#include <algorithm>
#include <cmath>
#include <mneme/error.hpp>

#include "plan/check.hpp"
#include "plan/fields.hpp"

namespace mneme::harness {

namespace {

const Names& optimizers() {
    static const Names names{"sgd", "adam", "adamw"};
    return names;
}

struct Bound {
    const char* key;
    double min, max;
    bool min_excluded, max_excluded;
    const char* wanted;
};

// methods.md, 2.3.
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

Node as_node(const Setting& setting) {
    Node node;
    node.where = setting.where;
    node.scalar = setting.value;
    node.kind = setting.value.is_string()           ? Node::Kind::text
                : setting.value.is_boolean()        ? Node::Kind::flag
                : setting.value.is_number_integer() ? Node::Kind::integer
                                                    : Node::Kind::real;
    return node;
}

} // namespace

const std::vector<std::string>& train_keys() {
    static const Names keys = [] {
        Names names;
        bench::TrainSpec spec;
        visit_train(spec, [&](const char* key, auto&) { names.push_back(key); });
        return names;
    }();
    return keys;
}

bench::TrainSpec train_from(const Settings& settings) {
    bench::TrainSpec spec;
    for (const auto& [key, setting] : settings) {
        const Member member{key, setting.where, as_node(setting)};
        bool known = false;
        visit_train(spec, [&, &wanted = key](const char* name, auto& field) {
            if (wanted != name) return;
            known = true;
            take(member, field.emplace());
        });
        if (!known)
            fail(setting.where,
                 "unknown key " + in_quotes(key) + " in train; " + remedy(key, train_keys()));
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
        return "unknown optimizer " + in_quotes(*spec.optimizer) + "; " +
               remedy(*spec.optimizer, optimizers());
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
            throw Error(
                "train settings: unknown key " + in_quotes(key) + "; " + remedy(key, train_keys()),
                65);
    }
    return spec;
}

} // namespace mneme::harness
