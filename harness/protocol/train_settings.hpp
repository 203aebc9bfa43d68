// SPDX-License-Identifier: Apache-2.0
// The keys of [train]: names, bounds, defaults, and whose value counts.
#pragma once

#include <string>
#include <vector>

#include <benchmarks/spec.hpp>

#include "protocol/settings.hpp"

namespace mneme::protocol {

const std::vector<std::string>& train_keys();

// Throws ExitError (bad_input) with the setting's own `where`: unknown key, wrong type, out of
// bounds.
bench::TrainSpec train_from(const Settings&);

// What a later one sets replaces what an earlier one set.
bench::TrainSpec merge(const bench::TrainSpec& plugin, const bench::TrainSpec& benchmark,
                       const bench::TrainSpec& method);

// The values of keys that nobody sets: lr_decay 1, lr_min 0, weight_decay 0, dropout 0, epochs 1,
// drop_last false, optimizer sgd, reset_optimizer true. lr, momentum and batch_size belong to the
// method and stay unset.
bench::TrainSpec train_defaults();

// Why these values cannot be used, or empty ("lr is 0; expected a number above 0"); `key` is set to
// the key at fault. A merged set is checked as a whole: lr_min must not exceed lr.
std::string fault(const bench::TrainSpec&, std::string& key);

// Only the keys that are set.
Json to_json(const bench::TrainSpec&);
bench::TrainSpec train_from_json(const Json&);

} // namespace mneme::protocol
