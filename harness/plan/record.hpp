// SPDX-License-Identifier: Apache-2.0
// What a worker and its parent must write alike: either may leave the record of a run.
#pragma once

#include <string>
#include <vector>

#include <base/sha256.hpp>

#include "plan/plan.hpp"

namespace mneme::harness {

// {"lambda": 5.0, "fisher": "true"} -> "lambda = 5.0\nfisher = \"true\"\n". JSON's scalars are
// TOML's. Records that differ here are two methods to `collect`.
inline std::string toml_text(const Json& settings) {
    std::string text;
    for (const auto& [key, value] : settings.items()) text += key + " = " + value.dump() + "\n";
    return text;
}

// The file in DIR/checkpoints of a cell: its run's digest, or one over the digests of several.
inline std::string checkpoint_name(const std::vector<Run>& runs) {
    if (runs.size() == 1) return runs.front().digest;
    base::Sha256 together;
    for (const Run& run : runs) together.add(run.digest);
    return together.hex();
}

} // namespace mneme::harness
