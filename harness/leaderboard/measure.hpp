// SPDX-License-Identifier: Apache-2.0
// What methods can be ranked by: the metrics over the accuracy matrix, the costs of a run, and the
// metrics that need more than the matrix.
#pragma once

#include <string>
#include <vector>

#include <results/block.hpp>
#include <results/metrics.hpp>
#include <results/run_metrics.hpp>

namespace mneme::leaderboard {

enum class Unit { share, count, second, byte, nat };

struct Measure {
    enum class Over { sum, last, largest }; // how a run's cost is made of those of its tasks

    std::string name, formula; // the name as --metric takes it
    Unit unit = Unit::share;
    bool higher_is_better = true;
    const results::Metric* metric = nullptr;                // null for a cost
    results::Array<double> results::Block::*cost = nullptr; // null for a metric
    Over over = Over::sum;
    const results::RunMetric* of_run = nullptr; // null for both of these

    double value(const results::Block&, std::size_t method, std::size_t seed) const; // or NaN
    std::string words() const; // "average accuracy"
};

const std::vector<Measure>& measures();         // that every board has: metrics first, then costs
const std::vector<Measure>& further_measures(); // on request: not every file has what they need
const Measure* find_measure(const std::string& name); // of measures()
const Measure* find_any_measure(const std::string& name);
std::vector<std::string> measure_names(); // of measures()
std::vector<std::string> all_measure_names();
// Throws ExitError (usage) for an unknown --metric.
const Measure& measure_named(const std::string& name);
// Why a measure is not defined in any run of the block: what it needs; or empty.
std::string undefined_because(const Measure&, const results::Block&);

// The value in its unit: 0.7343, 12.5, 1.5 MiB; "-" for NaN. `sign` shows a plus too.
std::string shown(Unit, double value, bool sign = false);

// A margin: "1 point", "0.5 points", "2 s".
std::string margin_text(Unit, double margin);

// Accuracy after each task on each task, [T, T] row-major, NaN where not evaluated (imported ones
// as the other program reported them); and before any training, [T].
struct Accuracies {
    std::vector<double> matrix, initial;
};
Accuracies accuracies(const results::Block&, std::size_t method, std::size_t seed);

} // namespace mneme::leaderboard
