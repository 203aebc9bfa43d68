// SPDX-License-Identifier: Apache-2.0
#include "plan/train_sources.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <base/text.hpp>

#include "protocol/train_settings.hpp"

namespace mneme::harness {

namespace {

// An lr of the suite that lies this far from the benchmark's own was not chosen for its optimizer.
constexpr double far = 10;

const TrainValue* find(const TrainGroup& group, const std::string& key) {
    for (const TrainValue& value : group.values)
        if (value.key == key) return &value;
    return nullptr;
}

std::string shown(const TrainValue& value) {
    return "the " + name(value.source) + "'s " + value.key + " = " + value.value;
}

const protocol::Cell& cell_of(const Plan& plan, const TrainGroup& group) {
    return *std::find_if(plan.cells.begin(), plan.cells.end(), [&](const protocol::Cell& cell) {
        return cell.spec().name == group.benchmark;
    });
}

// The benchmark's own lr tells whether the suite's is one for the same optimizer.
bool is_near(double lr, std::optional<double> own) {
    return own && *own > 0 && lr < far * *own && lr > *own / far;
}

std::string mixture(const Plan& plan, const TrainGroup& group) {
    const TrainValue *optimizer = find(group, "optimizer"), *lr = find(group, "lr");
    if (!optimizer || !lr || optimizer->source == lr->source) return "";
    const auto& own = cell_of(plan, group).spec().train;
    const bool plain = optimizer->value == "\"sgd\"" && own.optimizer.value_or("sgd") == "sgd";
    if (plain) return ""; // lr of any source was chosen for sgd
    if (lr->source == TrainSource::suite && optimizer->source == TrainSource::benchmark &&
        is_near(std::stod(lr->value), own.lr))
        return "";
    if (optimizer->source == TrainSource::suite &&
        optimizer->value == "\"" + own.optimizer.value_or("sgd") + "\"")
        return ""; // the same as without it
    std::string remedy = "set both in one place";
    if (lr->source == TrainSource::suite) {
        remedy = "set optimizer beside it, or leave lr to the benchmark";
        if (own.lr) remedy += ", which has " + base::number(*own.lr);
    } else if (optimizer->source == TrainSource::suite) {
        remedy = "set lr beside it";
    }
    return group.benchmark + ": " + shown(*lr) + " meets " + shown(*optimizer) + " (" +
           base::joined(group.labels) + "); " + remedy;
}

} // namespace

std::string name(TrainSource source) {
    switch (source) {
        case TrainSource::suite: return "suite";
        case TrainSource::benchmark: return "benchmark";
        case TrainSource::method: return "method";
        case TrainSource::standard: return "default";
    }
    return "";
}

std::vector<TrainValue> train_values(const protocol::Cell& cell, const protocol::Run& run) {
    const protocol::Json benchmark = protocol::to_json(cell.spec().train),
                         standard = protocol::to_json(protocol::train_defaults());
    std::vector<TrainValue> values;
    for (const std::string& key : protocol::train_keys()) {
        const auto value = run.effective_train.find(key);
        if (value == run.effective_train.end() || value->is_null()) continue;
        const bool by_suite = std::any_of(run.train.begin(), run.train.end(),
                                          [&](const auto& one) { return one.first == key; });
        const auto plain = standard.find(key);
        values.push_back({key, value->dump(),
                          by_suite                                      ? TrainSource::suite
                          : benchmark.contains(key)                     ? TrainSource::benchmark
                          : plain != standard.end() && *plain == *value ? TrainSource::standard
                                                                        : TrainSource::method});
    }
    return values;
}

std::vector<TrainGroup> train_groups(const Plan& plan) {
    std::vector<TrainGroup> groups;
    const auto same = [](const TrainValue& a, const TrainValue& b) {
        return a.key == b.key && a.value == b.value && a.source == b.source;
    };
    for (const protocol::Cell& cell : plan.cells)
        for (const protocol::Run& run : cell.runs) {
            const std::vector<TrainValue> values = train_values(cell, run);
            auto group = std::find_if(groups.begin(), groups.end(), [&](const TrainGroup& known) {
                return known.benchmark == cell.spec().name &&
                       std::equal(known.values.begin(), known.values.end(), values.begin(),
                                  values.end(), same);
            });
            if (group == groups.end())
                group = groups.insert(groups.end(), {cell.spec().name, {}, values});
            if (std::count(group->labels.begin(), group->labels.end(), run.label) == 0)
                group->labels.push_back(run.label);
        }
    return groups;
}

std::vector<std::string> mixtures(const Plan& plan) {
    std::vector<std::string> sentences;
    for (const TrainGroup& group : train_groups(plan))
        if (std::string sentence = mixture(plan, group); !sentence.empty())
            sentences.push_back(std::move(sentence));
    return sentences;
}

} // namespace mneme::harness
