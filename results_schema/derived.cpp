// SPDX-License-Identifier: Apache-2.0
// Everything in a file that is a formula over counts.
#include <algorithm>
#include <cmath>
#include <limits>

#include <results/metrics.hpp>

#include "inside.hpp"

namespace mneme::results {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
const Axes run{Axis::method, Axis::seed};
const Axes matrix{Axis::method, Axis::seed, Axis::trained_task, Axis::evaluated_task};
const Axes initial{Axis::method, Axis::seed, Axis::evaluated_task};

// Calls visit(run, matrix of that run) for every method and seed.
template <class Visit> void for_each_run(const Block& block, const Array<double>& a, Visit visit) {
    const std::size_t tasks = block.tasks.size(), size = tasks * tasks;
    for (std::size_t r = 0; r * size < a.data.size(); ++r)
        visit(r, Matrix{std::span(a.data).subspan(r * size, size), tasks});
}

Array<double> forgetting(const Block& block) {
    const Array<double> a = accuracy(block);
    Array<double> result(a.shape, nan);
    for_each_run(block, a, [&](std::size_t r, Matrix m) {
        const auto f = forgetting_matrix(m);
        std::copy(f.begin(), f.end(),
                  result.data.begin() + static_cast<std::ptrdiff_t>(r * f.size()));
    });
    return result;
}

Array<double> metric(const Block& block, const Metric& formula) {
    const Array<double> a = accuracy(block), b = share(block.initial_correct, block.n_evaluated);
    Array<double> result(shape(block, run), nan);
    const std::size_t tasks = block.tasks.size();
    for_each_run(block, a, [&](std::size_t r, Matrix m) {
        result.data[r] = formula.value(m, std::span(b.data).subspan(r * tasks, tasks));
    });
    return result;
}

Derived of_run(const RunMetric& metric) {
    std::string words = metric.name;
    std::replace(words.begin(), words.end(), '_', ' ');
    Derived out{std::string("metrics/") + metric.name,
                run,
                words,
                {{"formula", metric.formula},
                 {"reference", metric.reference},
                 {"derived_from", metric.derived_from}},
                metric.needs,
                [&metric](const Block& block) {
                    Array<double> result(shape(block, run), nan);
                    for (std::size_t r = 0; r < result.data.size(); ++r)
                        result.data[r] = metric.value(block, r);
                    return result;
                },
                [&metric](const Block& block) {
                    const auto& added = block.added_metrics;
                    if (metric.on_request &&
                        std::find(added.begin(), added.end(), metric.name) == added.end())
                        return false;
                    return !metric.applies || metric.applies(block);
                }};
    if (metric.missing_means) out.notes["missing_means"] = metric.missing_means;
    return out;
}

std::vector<Derived> make_table() {
    const char* not_evaluated = "not evaluated";
    std::vector<Derived> table{
        {"accuracy",
         matrix,
         "share of the task's test examples answered correctly",
         {{"derived_from", "n_correct, n_evaluated"},
          {"formula", "n_correct / n_evaluated"},
          {"missing_means", not_evaluated}},
         "n_correct",
         accuracy},
        {"accuracy_task_aware",
         matrix,
         "share answered correctly when the task is revealed",
         {{"derived_from", "n_correct_task_aware, n_evaluated"},
          {"formula", "n_correct_task_aware / n_evaluated"},
          {"missing_means", not_evaluated}},
         "n_correct_task_aware",
         [](const Block& block) { return share(block.n_correct_task_aware, block.n_evaluated); }},
        {"forgetting",
         matrix,
         "best accuracy since the task was learned, minus accuracy now",
         {{"derived_from", "accuracy"},
          {"formula", "entry (i, j), j < i: (max over j <= l < i of a[l][j]) - a[i][j]"},
          {"missing_means", "not defined (j >= i) or not evaluated"},
          {"reference", "Chaudhry et al. 2018, arXiv 1801.10112"}},
         "n_correct",
         forgetting},
        {"initial_accuracy",
         initial,
         "accuracy before any training",
         {{"derived_from", "initial_correct, n_evaluated"},
          {"formula", "initial_correct / n_evaluated"},
          {"missing_means", not_evaluated}},
         "initial_correct",
         [](const Block& block) { return share(block.initial_correct, block.n_evaluated); }},
    };
    for (std::size_t i = 0; i < stored_metrics; ++i) {
        const Metric* formula = &metrics()[i];
        std::string words = formula->name;
        std::replace(words.begin(), words.end(), '_', ' ');
        table.push_back({std::string("metrics/") + formula->name,
                         run,
                         words,
                         {{"formula", formula->formula},
                          {"reference", formula->reference},
                          {"derived_from", formula->derived_from}},
                         "n_correct",
                         [formula](const Block& block) { return metric(block, *formula); }});
    }
    for (const RunMetric& one : run_metrics()) table.push_back(of_run(one));
    for (const auto& more : {continual_formulas(), calibration_formulas(), geometry_formulas()})
        table.insert(table.end(), more.begin(), more.end());
    return table;
}

} // namespace

Array<double> share(const Array<std::int32_t>& correct, const Array<std::int32_t>& evaluated) {
    Array<double> result(correct.shape, nan);
    const std::size_t tasks = evaluated.data.size();
    for (std::size_t i = 0; i < correct.data.size(); ++i)
        if (correct.data[i] >= 0 && evaluated.data[i % tasks] > 0)
            result.data[i] = static_cast<double>(correct.data[i]) /
                             static_cast<double>(evaluated.data[i % tasks]);
    return result;
}

Array<double> accuracy(const Block& block) {
    Array<double> result = share(block.n_correct, block.n_evaluated);
    for (std::size_t i = 0; i < block.reported_accuracy.data.size(); ++i)
        if (std::isnan(result.data[i])) result.data[i] = block.reported_accuracy.data[i];
    return result;
}

const std::vector<Derived>& derived() {
    static const std::vector<Derived> table = make_table();
    return table;
}

} // namespace mneme::results
