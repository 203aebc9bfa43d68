// SPDX-License-Identifier: Apache-2.0
// From values to places along an axis, and the ticks between its ends.
#pragma once

#include <string>
#include <vector>

namespace mneme::report {

struct Axis {
    double low = 0, high = 1;
    bool logarithmic = false;
    std::vector<double> ticks;

    double at(double value) const; // 0 at `low`, 1 at `high`
    std::string text(double tick) const;
};

// Ends at round numbers around the values that are finite; about `wanted` ticks.
Axis linear_axis(const std::vector<double>& values, int wanted = 5);
Axis linear_axis(double low, double high, int wanted = 5); // these ends

// Powers of ten, with 2 and 5 between them where there are few. Values must be positive.
Axis logarithmic_axis(const std::vector<double>& values);

// Ticks 1 to `count`, as many as there is room for.
std::vector<std::size_t> counted_ticks(std::size_t count, std::size_t most);

// Places as near to the wanted ones as they can be with `gap` between neighbours.
std::vector<double> spread_out(const std::vector<double>& wanted, double gap, double low,
                               double high);

} // namespace mneme::report
