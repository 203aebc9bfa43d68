// SPDX-License-Identifier: Apache-2.0
// Herding: the rows of each class whose running mean follows the mean of the class. Welling 2009;
// as exemplars Rebuffi et al. 2016, arXiv:1611.07725, algorithm 4.
//
//   p_k = argmin_x || mu - (phi(x) + sum_{j<k} phi(p_j)) / k ||,   k = 1..m,   no row twice
//
// phi(x): what enters the head, in the paper divided by its length. p_k is the row with the largest
// w.phi(x) - phi(x).phi(x) / 2,  w = k mu - sum_{j<k} phi(p_j).
#pragma once

#include <algorithm>
#include <vector>

#include <mneme/replicas.hpp>
#include <mneme/rows.hpp>
#include <mneme/task.hpp>

namespace mneme {

// Divided by its length along the last axis; 0 stays 0.
inline Tensor normalised(const Tensor& v) {
    return v / sqrt((v * v).sum(-1, keepdim)).clamp_min(1e-12);
}

// Positions [S, n] in the rows of phi [S, N, F] with the labels y [S, N]: class by class the first
// m of each, in the order in which herding takes them. Reads values: not in a step.
inline Tensor herded(const Tensor& phi, const Tensor& y, const std::vector<int64_t>& classes,
                     int64_t m) {
    const auto row = range(phi.size(1));
    const auto half = (phi * phi).sum(2) / 2; // [S, N]
    return each_replica({phi, y, half}, [&](const std::vector<Tensor>& in) {
        std::vector<Tensor> taken;
        for (int64_t c : classes) {
            auto left = in[1] == c; // [S, N]
            const auto count = left.sum(1, keepdim).to(DType::float32);
            const auto mu = (in[0] * left.unsqueeze(2)).sum(1) / count.clamp_min(1);
            const auto n = std::min(m, static_cast<int64_t>(count.amin(0).item()));
            auto wanted = zeros_like(mu); // k mu less the sum of those taken
            for (int64_t k = 0; k < n; ++k) {
                wanted += mu;
                const auto along = in[0].matmul(wanted.unsqueeze(2)).squeeze(2) - in[2];
                taken.push_back(along.masked_fill(!left, -1e30).argmax(1, keepdim));
                wanted -= in[0].gather(1, index_of_rows(taken.back(), in[0])).squeeze(1);
                left = left && (row != taken.back());
            }
        }
        return std::vector<Tensor>{cat(taken, 1)};
    })[0];
}

} // namespace mneme
