// SPDX-License-Identifier: Apache-2.0
// The linear assignment problem, on the host: shortest augmenting paths with potentials, O(n^3).
// Kuhn 1955; Munkres 1957; Jonker and Volgenant 1987. Not for a step: it reads values.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <mneme/tensor.hpp>

namespace mneme {

// The permutation that maximises sum_i value[i n + at[i]]. Values that are not finite give the
// identity.
inline std::vector<int64_t> assignment(const double* value, int64_t n) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    const auto size = static_cast<std::size_t>(n) + 1;
    std::vector<int64_t> at(size - 1), row_of(size, 0),
        before(size, 0); // rows and columns count from 1; 0: none
    for (std::size_t k = 0; k + 1 < size; ++k) at[k] = static_cast<int64_t>(k);
    if (!std::all_of(value, value + n * n, [](double v) { return std::isfinite(v); })) return at;
    std::vector<double> u(size, 0), v(size, 0);
    for (int64_t row = 1; row <= n; ++row) { // a path of least cost from this row to a free column
        std::vector<double> least(size, infinite);
        std::vector<char> seen(size, 0);
        std::size_t column = 0;
        row_of[0] = row;
        do {
            seen[column] = 1;
            const auto i = static_cast<std::size_t>(row_of[column]);
            double step = infinite;
            std::size_t next = 0;
            for (std::size_t j = 1; j < size; ++j) {
                if (seen[j]) continue;
                const double reduced = -value[(i - 1) * (size - 1) + j - 1] - u[i] - v[j];
                if (reduced < least[j])
                    least[j] = reduced, before[j] = static_cast<int64_t>(column);
                if (least[j] < step) step = least[j], next = j;
            }
            for (std::size_t j = 0; j < size; ++j) {
                if (seen[j]) u[static_cast<std::size_t>(row_of[j])] += step, v[j] -= step;
                else least[j] -= step;
            }
            column = next;
        } while (row_of[column] != 0);
        for (std::size_t j = column; j != 0; j = static_cast<std::size_t>(before[j]))
            row_of[j] = row_of[static_cast<std::size_t>(before[j])];
    }
    for (std::size_t j = 1; j < size; ++j)
        at[static_cast<std::size_t>(row_of[j]) - 1] = static_cast<int64_t>(j) - 1;
    return at;
}

// Of each matrix of [S, n, n]: the index [S, n] int64.
inline Tensor assignment(const Tensor& value) {
    const int64_t replicas = value.size(0), n = value.size(1);
    const auto values = value.to_vector();
    std::vector<int64_t> all;
    for (int64_t s = 0; s < replicas; ++s) {
        const auto at = assignment(values.data() + s * n * n, n);
        all.insert(all.end(), at.begin(), at.end());
    }
    return Tensor::of(all, {replicas, n});
}

} // namespace mneme
