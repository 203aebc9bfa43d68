// SPDX-License-Identifier: Apache-2.0
#include "plan/planned_data.hpp"

#include <algorithm>

#include "plan/check.hpp"

namespace mneme::harness {

namespace {

// Seeds that are looked at where each has examples of its own: more would only cost time.
constexpr std::size_t most_seeds = 32;

void append_labels(bench::Images& to, const bench::Images& from, int64_t shift) {
    for (uint16_t label : from.labels) to.labels.push_back(uint16_t(label + shift));
}

} // namespace

const bench::Dataset& PlannedData::labels_of(const bench::DatasetInfo& info) {
    std::string key = info.name; // two of a user's own may share one; they lie in two folders
    for (const auto& folder : info.default_folders) key += "\n" + folder;
    const auto known = known_.find(key);
    if (known != known_.end()) return known->second;
    bench::Dataset data = bench::load(info, folders_);
    data.train.pixels = {};
    data.test.pixels = {};
    data.table = {};
    return known_.emplace(key, std::move(data)).first->second;
}

std::string PlannedData::payload_digest(const bench::Spec& spec) {
    std::string digests;
    for (const auto& info : bench::datasets_of(spec))
        digests += (digests.empty() ? "" : " ") + labels_of(info).payload_digest;
    return digests;
}

std::vector<std::vector<bench::TaskInfo>> PlannedData::tasks(const bench::Spec& spec,
                                                             const bench::Limits& limits,
                                                             const std::vector<int64_t>& seeds) {
    bench::Dataset together;
    const auto sets = bench::datasets_of(spec);
    for (const auto& info : sets) {
        const bench::Dataset& one = labels_of(info);
        append_labels(together.train, one.train, together.classes);
        append_labels(together.test, one.test, together.classes);
        together.classes += one.classes;
    }
    const std::size_t count = bench::seeds_differ(spec) ? std::min(seeds.size(), most_seeds) : 1;
    std::vector<std::vector<bench::TaskInfo>> all;
    for (std::size_t s = 0; s < count; ++s)
        all.push_back(
            bench::describe_tasks(spec, sets.empty() ? nullptr : &together, limits, seeds[s]));
    return all;
}

std::string missing_classes(const std::string& benchmark,
                            const std::vector<std::vector<bench::TaskInfo>>& tasks) {
    for (const auto& of_seed : tasks)
        for (const auto& task : of_seed) {
            const auto classes = int64_t(task.classes.size());
            const bool training = task.train_classes < classes;
            if (!training && task.test_classes == classes) continue;
            return "benchmark " + in_quotes(benchmark) + ": task " + in_quotes(task.name) +
                   " is left with " + (training ? "training" : "test") + " examples of " +
                   std::to_string(training ? task.train_classes : task.test_classes) + " of its " +
                   std::to_string(classes) + " classes; chance counts all of them";
        }
    return "";
}

} // namespace mneme::harness
