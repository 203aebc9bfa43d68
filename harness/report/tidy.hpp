// SPDX-License-Identifier: Apache-2.0
// Results as flat tables that every tool reads: a row an observation, a column a variable.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <results/block.hpp>

namespace mneme::report {

enum class Flat {
    accuracy,   // by run, trained task and evaluated task, with the counts
    forgetting, // likewise
    metrics,    // by run and metric
    cost,       // by run and trained task
    curves,     // by run and point: the training loss
    confusion,  // by run, trained task, true class and predicted class: counts
    inside,     // by run, evaluation inside a task and evaluated task
    lines,      // by run, line between minima, point of it and evaluated task: the loss
    barriers,   // by run, line between minima and evaluated task: barriers, and CKA of the ends
    planes,     // by run, plane through three minima, point of it and evaluated task: the loss
    diagnostics // by run, trained task and name: what methods report about themselves
};
enum class FlatFormat { csv, jsonl };

// Columns: benchmark, method, seed, those of the table, then one for each key that a grid of the
// suite went over (see grid_keys). Tasks, points: numbers from 1. A row of which nothing is known
// is left out; a single unknown value is empty, in JSON null. `put` is given a row at a time.
void write_flat(const results::File&, Flat, FlatFormat,
                const std::function<void(std::string_view)>& put);

std::vector<std::string> flat_columns(const results::File&, Flat);

} // namespace mneme::report
