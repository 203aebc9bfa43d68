// SPDX-License-Identifier: Apache-2.0
#include "cli/plan_lines.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <base/text.hpp>
#include <plan/train_sources.hpp>

#include "scheduler/cost_book.hpp"
#include "scheduler/progress.hpp"

namespace mneme::cli {

namespace {

// A line a source: "    suite: lr = 0.1, momentum = 0.0".
std::string values_by_source(const harness::TrainGroup& group) {
    std::string lines;
    for (const harness::TrainSource source :
         {harness::TrainSource::suite, harness::TrainSource::benchmark,
          harness::TrainSource::method, harness::TrainSource::standard}) {
        std::vector<std::string> values;
        for (const harness::TrainValue& value : group.values)
            if (value.source == source) values.push_back(value.key + " = " + value.value);
        if (!values.empty())
            lines += fmt::format("    {}: {}\n", harness::name(source), base::joined(values));
    }
    return lines;
}

// A grid has as many labels as it has points: the first few say whose line it is, and `--json` has
// all of them.
std::string first_few(std::vector<std::string> names) {
    constexpr std::size_t shown = 4;
    if (names.size() <= shown + 1) return base::joined(names);
    const std::size_t others = names.size() - shown;
    names.resize(shown);
    return fmt::format("{} and {} more", base::joined(names), others);
}

} // namespace

std::string train_lines(const harness::Plan& plan) {
    struct Alike {
        std::vector<std::string> labels, benchmarks;
        std::string values;
    };
    std::vector<Alike> all;
    for (const harness::TrainGroup& group : harness::train_groups(plan)) {
        std::string values = values_by_source(group);
        const auto known = std::find_if(all.begin(), all.end(), [&](const Alike& one) {
            return one.labels == group.labels && one.values == values;
        });
        if (known == all.end()) all.push_back({group.labels, {group.benchmark}, std::move(values)});
        else known->benchmarks.push_back(group.benchmark);
    }
    std::string lines;
    for (const Alike& one : all)
        lines += fmt::format("[train] of {} on {}:\n{}", first_few(one.labels),
                             first_few(one.benchmarks), one.values);
    return lines;
}

nlohmann::ordered_json train_json(const harness::Plan& plan) {
    nlohmann::ordered_json groups = nlohmann::ordered_json::array();
    for (const harness::TrainGroup& group : harness::train_groups(plan)) {
        nlohmann::ordered_json values = nlohmann::ordered_json::object();
        for (const harness::TrainValue& value : group.values)
            values[value.key] = {{"value", nlohmann::ordered_json::parse(value.value)},
                                 {"source", harness::name(value.source)}};
        groups.push_back(
            {{"benchmark", group.benchmark}, {"methods", group.labels}, {"values", values}});
    }
    return groups;
}

std::optional<double> expected_seconds(const harness::Plan& plan,
                                       const scheduler::PendingRuns& pending,
                                       const scheduler::ResultsFolder& folder,
                                       std::size_t workers) {
    const scheduler::CostBook costs = scheduler::earlier_costs(folder.paths(), plan.cells);
    std::vector<double> waiting;
    for (const protocol::Cell& cell : pending.cells) {
        const auto seconds = costs.seconds(cell);
        if (!seconds) return std::nullopt;
        waiting.push_back(*seconds);
    }
    return scheduler::seconds_until_end({}, waiting, workers);
}

std::string time_line(const std::optional<double>& seconds, std::size_t workers) {
    if (!seconds) return "time: unknown until the first run has ended";
    return fmt::format("time: about {} with {} at once, by the runs that have ended in this folder",
                       scheduler::duration(*seconds),
                       workers == 1 ? std::string("1 worker") : fmt::format("{} workers", workers));
}

} // namespace mneme::cli
