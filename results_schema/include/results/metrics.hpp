// SPDX-License-Identifier: Apache-2.0
// Metrics as formulas over the accuracy matrix a[i][j]: accuracy on task j after training task i (T
// x T, row-major, NaN where not evaluated) and the initial accuracies b[j]. Nothing is clamped; NaN
// in, NaN out. Definitions: results_schema/schema.md.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace mneme::results {

struct Matrix { // a view; i is the trained task, j the evaluated one
    std::span<const double> a;
    std::size_t tasks;
    double operator()(std::size_t i, std::size_t j) const { return a[i * tasks + j]; }
};

struct Metric {
    const char *name, *formula, *reference, *derived_from;
    bool higher_is_better;
    double (*value)(Matrix a, std::span<const double> initial);
};

// The stored ones first (results schema), then the rival definitions other tools print.
const std::vector<Metric>& metrics();
inline constexpr std::size_t stored_metrics = 7;
const Metric* find_metric(const std::string& name);

// Entry (i, j), j < i: max over j <= l < i of a[l][j], minus a[i][j]; NaN elsewhere.
std::vector<double> forgetting_matrix(Matrix a);

// A_t for every t: mean over j <= t of a[t][j]. The last entry is average_accuracy.
std::vector<double> average_accuracy_by_task(Matrix a);

} // namespace mneme::results
