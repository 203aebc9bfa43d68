// SPDX-License-Identifier: Apache-2.0
// The loss on the straight line between two sets of weights, and its barrier. For analysis, outside
// a stream; functions read values and wait for the device.
#pragma once

#include <algorithm>
#include <vector>

#include <mneme/tensor.hpp>

namespace mneme::alignment {

// The straight line from A to B at `points` equal steps, both ends included: f(theta) -> [S], as
// [S][points].
template <class F>
std::vector<std::vector<double>> path(const Tensor& a, const Tensor& b, int64_t points, F&& f) {
    std::vector<std::vector<double>> losses(static_cast<std::size_t>(a.size(0)));
    for (int64_t k = 0; k < points; ++k) {
        const auto values =
            Tensor(f(a.lerp(b, static_cast<double>(k) / static_cast<double>(points - 1))))
                .to_vector();
        for (std::size_t r = 0; r < losses.size(); ++r) losses[r].push_back(values[r]);
    }
    return losses;
}

// Of a path's losses above the straight line between its ends: the largest (the barrier), and the
// area over [0, 1] by trapezoids.
struct Barrier {
    double height, area;
};
inline Barrier barrier(const std::vector<double>& losses) {
    const auto last = losses.size() - 1;
    Barrier out{0, 0};
    for (std::size_t k = 1; k < last; ++k) { // 0 at both ends
        const double t = static_cast<double>(k) / static_cast<double>(last),
                     above = losses[k] - ((1 - t) * losses.front() + t * losses.back());
        out.height = std::max(out.height, above);
        out.area += above / static_cast<double>(last);
    }
    return out;
}

} // namespace mneme::alignment
