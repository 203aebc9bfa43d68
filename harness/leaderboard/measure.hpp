// SPDX-License-Identifier: Apache-2.0
// What methods can be ranked by: the metrics over the accuracy matrix, and the costs of a run.
#pragma once

#include <string>
#include <vector>

#include <results/block.hpp>
#include <results/metrics.hpp>

namespace mneme::leaderboard {

enum class Unit { share, count, second, byte };

struct Measure {
    enum class Over { sum, last, largest }; // how a run's cost is made of those of its tasks

    std::string name, formula; // the name as --metric takes it
    Unit unit = Unit::share;
    bool higher_is_better = true;
    const results::Metric* metric = nullptr;                // null for a cost
    results::Array<double> results::Block::*cost = nullptr; // null for a metric
    Over over = Over::sum;

    double value(const results::Block&, std::size_t method, std::size_t seed) const; // or NaN
    std::string words() const; // "average accuracy"
};

const std::vector<Measure>& measures(); // the metrics first
const Measure* find_measure(const std::string& name);
std::vector<std::string> measure_names();
const Measure& measure_named(
    const std::string& name); // throws ExitError (usage) for an unknown --metric

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
