// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/measure.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>

#include "leaderboard/interval.hpp"

namespace mneme::leaderboard {
namespace {

using results::Block;
using Over = Measure::Over;

double share(std::int32_t correct, std::int32_t evaluated) {
    return correct >= 0 && evaluated > 0 ? double(correct) / double(evaluated) : unknown;
}

Measure cost(const char* name, Unit unit, results::Array<double> Block::*member, Over over) {
    const char* how[] = {"sum over tasks", "after the last task", "largest over tasks"};
    return {name, how[int(over)], unit, false, nullptr, member, over};
}

std::vector<Measure> make_measures() {
    std::vector<Measure> out;
    for (const results::Metric& metric : results::metrics())
        out.push_back({metric.name, metric.formula, Unit::share, metric.higher_is_better, &metric});
    out.push_back(cost("train_seconds", Unit::second, &Block::train_seconds, Over::sum));
    out.push_back(cost("evaluate_seconds", Unit::second, &Block::evaluate_seconds, Over::sum));
    out.push_back(cost("end_task_seconds", Unit::second, &Block::end_task_seconds, Over::sum));
    out.push_back(cost("train_samples", Unit::count, &Block::train_samples, Over::sum));
    out.push_back(cost("optimizer_steps", Unit::count, &Block::optimizer_steps, Over::sum));
    out.push_back(cost("kept_bytes", Unit::byte, &Block::kept_bytes, Over::last));
    out.push_back(cost("peak_rss_bytes", Unit::byte, &Block::peak_rss_bytes, Over::largest));
    out.push_back(cost("peak_device_bytes", Unit::byte, &Block::peak_device_bytes, Over::largest));
    return out;
}

std::vector<Measure> make_further_measures() {
    const auto unit = [](results::RunMetric::Unit of) {
        switch (of) {
            case results::RunMetric::Unit::share: return Unit::share;
            case results::RunMetric::Unit::nat: return Unit::nat;
            case results::RunMetric::Unit::step: return Unit::count;
        }
        return Unit::share;
    };
    std::vector<Measure> out;
    for (const results::RunMetric& metric : results::run_metrics()) {
        Measure one{metric.name, metric.formula, unit(metric.unit), metric.higher_is_better};
        one.of_run = &metric;
        out.push_back(std::move(one));
    }
    return out;
}

const Measure* find_in(const std::vector<Measure>& all, const std::string& name) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Measure& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::string bytes(double value) {
    const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    for (; std::abs(value) >= 1024 && unit < 4; ++unit) value /= 1024;
    return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, units[unit]);
}

} // namespace

Accuracies accuracies(const Block& block, std::size_t method, std::size_t seed) {
    const std::size_t tasks = block.tasks.size();
    Accuracies out;
    for (std::size_t i = 0; i < tasks; ++i)
        for (std::size_t j = 0; j < tasks; ++j) {
            const std::int32_t correct = block.n_correct.at({method, seed, i, j});
            const bool reported = correct < 0 && !block.reported_accuracy.empty();
            out.matrix.push_back(reported ? block.reported_accuracy.at({method, seed, i, j})
                                          : share(correct, block.n_evaluated.at({j})));
        }
    for (std::size_t j = 0; j < tasks; ++j)
        out.initial.push_back(
            share(block.initial_correct.at({method, seed, j}), block.n_evaluated.at({j})));
    return out;
}

double Measure::value(const Block& block, std::size_t method, std::size_t seed) const {
    const std::size_t tasks = block.tasks.size();
    if (metric) {
        const Accuracies a = accuracies(block, method, seed);
        return metric->value({a.matrix, tasks}, a.initial);
    }
    if (of_run)
        return results::is_defined(*of_run, block)
                   ? of_run->value(block, method * block.seeds.size() + seed)
                   : unknown;
    const results::Array<double>& costs = block.*cost;
    if (costs.empty() || tasks == 0) return unknown;
    if (over == Over::last) return costs.at({method, seed, tasks - 1});
    double result = 0;
    for (std::size_t t = 0; t < tasks; ++t) {
        const double one = costs.at({method, seed, t});
        if (std::isnan(one)) return unknown;
        result = over == Over::sum ? result + one : std::max(result, one);
    }
    return result;
}

std::string Measure::words() const {
    std::string text = name;
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

const std::vector<Measure>& measures() {
    static const std::vector<Measure> all = make_measures();
    return all;
}

const std::vector<Measure>& further_measures() {
    static const std::vector<Measure> all = make_further_measures();
    return all;
}

const Measure* find_measure(const std::string& name) { return find_in(measures(), name); }

const Measure* find_any_measure(const std::string& name) {
    const Measure* found = find_measure(name);
    return found ? found : find_in(further_measures(), name);
}

std::vector<std::string> all_measure_names() {
    std::vector<std::string> names = measure_names();
    for (const Measure& measure : further_measures()) names.push_back(measure.name);
    return names;
}

std::string undefined_because(const Measure& measure, const Block& block) {
    if (!measure.of_run || results::is_defined(*measure.of_run, block)) return {};
    return fmt::format("it needs {}", measure.of_run->kept_by);
}

std::vector<std::string> measure_names() {
    std::vector<std::string> names;
    for (const Measure& measure : measures()) names.push_back(measure.name);
    return names;
}

const Measure& measure_named(const std::string& name) {
    if (const Measure* found = find_any_measure(name)) return *found;
    throw base::ExitError(base::ExitCode::usage,
                          fmt::format("--metric {}: unknown; {}", base::one_line(name),
                                      base::nearest_or_all(name, all_measure_names())));
}

std::string shown(Unit unit, double value, bool sign) {
    if (std::isnan(value)) return "-";
    const std::string plus = sign && value > 0 ? "+" : "";
    switch (unit) {
        case Unit::share: return plus + fmt::format("{:.4f}", value);
        case Unit::count: return plus + fmt::format("{:.0f}", value);
        case Unit::second: return plus + fmt::format("{:.1f}", value);
        case Unit::byte: return plus + bytes(value);
        case Unit::nat: return plus + fmt::format("{:.4f}", value);
    }
    return {};
}

std::string margin_text(Unit unit, double margin) {
    switch (unit) {
        case Unit::share: {
            const double points = std::round(margin * 1e6) / 1e4;
            return fmt::format("{} {}", points, points == 1 ? "point" : "points");
        }
        case Unit::second: return fmt::format("{} s", margin);
        case Unit::byte: return bytes(margin);
        case Unit::count: return fmt::format("{}", margin);
        case Unit::nat: return fmt::format("{} nat", margin);
    }
    return {};
}

} // namespace mneme::leaderboard
