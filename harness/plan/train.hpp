// SPDX-License-Identifier: Apache-2.0
// The keys of [train]: names, bounds, order of power. Planner and worker share these functions.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace mneme::harness {

const std::vector<std::string>& train_keys();

// Throws mneme::Error (65) with the setting's own `where`: unknown key, wrong type, out of bounds.
bench::TrainSpec train_from(const Settings&);

// Order of power (definitions, section 6): what a later one sets replaces what an earlier one set.
bench::TrainSpec merge(const bench::TrainSpec& plugin, const bench::TrainSpec& benchmark,
                       const bench::TrainSpec& method);

// The house's own values for keys that nobody sets (methods.md 2.3): lr_decay 1, lr_min 0,
// weight_decay 0, dropout 0, epochs 1, drop_last false, optimizer sgd, reset_optimizer true. lr,
// momentum and batch_size belong to the method and stay unset.
bench::TrainSpec train_defaults();

// Why these values cannot be used, or empty ("lr is 0; expected a number above 0"); `key` is
// set to the key at fault. A merged set is checked as a whole: lr_min must not exceed lr.
std::string fault(const bench::TrainSpec&, std::string& key);

// Only the keys that are set.
Json to_json(const bench::TrainSpec&);
bench::TrainSpec train_from_json(const Json&);

} // namespace mneme::harness
