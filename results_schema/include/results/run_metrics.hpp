// SPDX-License-Identifier: Apache-2.0
// Metrics of a run that need more than its accuracy matrix: evaluations within tasks, confidences,
// the confusion matrix, predictions, losses, another method to measure against. Definitions:
// results_schema/schema.md. NaN where one of the numbers is unknown.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <results/block.hpp>

namespace mneme::results {

struct RunMetric {
    enum class Unit { share, nat, step };

    const char *name, *formula, *reference, *derived_from;
    const char* needs;   // the fact of a file without which it is not defined
    const char* kept_by; // what keeps that fact: words that follow "needs"
    bool higher_is_better;
    Unit unit;
    double (*value)(const Block&, std::size_t run); // run: method * seeds + seed; `needs` is there
    bool (*applies)(const Block&) = nullptr;        // what it is left out without, beside that
    const char* missing_means = nullptr;
    bool on_request = false; // in a file only where it was added (Block::added_metrics)
};

const std::vector<RunMetric>& run_metrics();
const RunMetric* find_run_metric(const std::string& name); // or null
bool is_defined(const RunMetric&, const Block&);           // whether the block has what it needs

} // namespace mneme::results
