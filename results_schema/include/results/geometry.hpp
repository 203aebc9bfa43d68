// SPDX-License-Identifier: Apache-2.0
// The loss on the straight line between two minima, at equal steps with both ends.
#pragma once

#include <span>

namespace mneme::results {

enum class BarrierOver {
    line, // the straight line between the ends' losses: Entezari et al. 2022
    mean  // their mean: Frankle et al. 2020
};

// The largest difference of the losses to that; NaN where one of them is.
double barrier(std::span<const double> loss, BarrierOver);

// The area between the losses and the straight line between the ends', by the trapezoid rule.
double barrier_area(std::span<const double> loss);

} // namespace mneme::results
