// SPDX-License-Identifier: Apache-2.0
// Where the settings of [train] that a run trains with come from, and mixtures that are seldom
// meant.
#pragma once

#include <string>
#include <vector>

#include "plan/planner.hpp"

namespace mneme::harness {

enum class TrainSource { suite, benchmark, method, standard }; // standard: nobody sets it

struct TrainValue {
    std::string key, value; // value: as TOML has it
    TrainSource source;
};

// In the order of the keys. A value that nobody sets and that a method declares as it is anyway
// counts as standard.
std::vector<TrainValue> train_values(const protocol::Cell&, const protocol::Run&);
std::string name(TrainSource); // "suite", "benchmark", "method", "default"

// Methods of a benchmark that train alike.
struct TrainGroup {
    std::string benchmark;
    std::vector<std::string> labels;
    std::vector<TrainValue> values;
};
std::vector<TrainGroup> train_groups(const Plan&); // in the plan's order

// A sentence for each group whose lr was chosen for another optimizer than the one it meets.
std::vector<std::string> mixtures(const Plan&);

} // namespace mneme::harness
