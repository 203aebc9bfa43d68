// SPDX-License-Identifier: Apache-2.0
// The loss on the straight line between two minima, at equal steps with both ends.
#pragma once

#include <span>
#include <vector>

namespace mneme::results {

enum class BarrierOver {
    line, // the straight line between the ends' losses: Entezari et al. 2022
    mean  // their mean: Frankle et al. 2020
};

// The largest difference of the losses to that; NaN where one of them is.
double barrier(std::span<const double> loss, BarrierOver);

// The area between the losses and the straight line between the ends', by the trapezoid rule.
double barrier_area(std::span<const double> loss);

// The second difference of the losses at each inner point by the square of a step's length,
// distance / (points - 1): nat by squared distance. NaN at both ends, and everywhere where the ends
// are one network.
std::vector<double> curvature(std::span<const double> loss, double distance);

} // namespace mneme::results
