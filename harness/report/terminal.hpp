// SPDX-License-Identifier: Apache-2.0
// Matrices in a terminal, 80 columns wide.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <results/block.hpp>

namespace mneme::report {

enum class Shown { accuracy, forgetting, loss };

struct ShowOptions {
    std::string method; // empty: all
    Shown metric = Shown::accuracy;
    std::optional<std::int32_t> seed; // none: the mean over complete seeds
    bool colour = false;
};

// For each benchmark: the matrix of each method, then every method's values after the last task.
// A method or seed that is not in a benchmark leaves its part out.
std::string show(const results::File&, const ShowOptions&);

} // namespace mneme::report
