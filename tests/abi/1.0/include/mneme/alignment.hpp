// SPDX-License-Identifier: Apache-2.0
// Two trained networks A and B, seen across the permutations of A: which P brings pi_P(theta_A)
// near theta_B (what the loss does on the line between them: barrier.hpp). For analysis, outside a
// stream; functions read values and wait for the device.
#pragma once

#include <algorithm>
#include <vector>

#include <mneme/rebasin.hpp>

namespace mneme::alignment {

// Gradients of a loss at pi = pi_P(theta_A), [S, P]. B stands still.
enum class Weighing { l2, l1, cosine };

// mean (pi - B)^2;   mean |pi - B|;   1 - <pi, B> / (|pi| |B|).  No data.
inline Tensor distance_gradient(const Net& net, const Tensor& pi, const Tensor& b,
                                Weighing weighing = Weighing::l2) {
    const auto size = static_cast<double>(net.parameters());
    if (weighing == Weighing::l2) return (pi - b) * (2 / size);
    if (weighing == Weighing::l1) return (pi - b).sign() * (1 / size);
    const auto pp = square(pi).sum(1, keepdim), pb = (pi * b).sum(1, keepdim),
               norms = sqrt(pp * square(b).sum(1, keepdim));
    return (pi * (pb / pp) - b) / norms;
}

// CE((1 - lambda) pi + lambda B) on a batch; lambda [S, 1] or 1/2. "Mid" is the middle, "rnd" a
// lambda drawn for each batch.
inline Tensor line_gradient(const Net& net, const Weights& pi, const Tensor& b, const Batch& batch,
                            const Tensor& lambda) {
    const auto here = 1 - lambda;
    return net.gradient({here * pi.theta + lambda * b, pi.stats}, batch, Mode::batch_stats) * here;
}
inline Tensor middle_gradient(const Net& net, const Weights& pi, const Tensor& b,
                              const Batch& batch) {
    return line_gradient(net, pi, b, batch, zeros({pi.theta.size(0), 1}) + 0.5);
}

// `steps` steps of AdamW on X; gradient(pi, k) is dL/dpi at step k. The hard permutations. Call
// rebasin.begin() first.
template <class F>
Permutations fitted(Rebasin& rebasin, const Tensor& a, int64_t steps, F&& gradient) {
    for (int64_t k = 0; k < steps; ++k) {
        const auto p = rebasin.soft();
        rebasin(a, p, gradient(rebasin.permuted(a, p), k));
    }
    return rebasin.hard();
}

// Weight matching. Ainsworth, Hayase, Srinivasa 2022, arXiv:2209.04836, algorithm 1: coordinate
// descent on <theta_B, pi_P(theta_A)>, one hidden dimension at a time in random order, until none
// gains more than 1e-12; at most 100 sweeps.
struct Matching {
    Permutations permutations;
    std::vector<std::vector<double>>
        objective; // of each replica, at first and after each of its sweeps
};

namespace detail {
// One replica, in double. value[i, j] is what row i of B says to row j of A over all layers that
// touch the group, the others as P says.
inline bool improved(const std::vector<Layer>& layers, const Tensor& a, const Tensor& b,
                     Permutations& p, int32_t group) {
    auto& own = p[static_cast<std::size_t>(group)];
    const auto now = own.to_vector();
    const auto n = static_cast<int64_t>(now.size());
    own = range(n).unsqueeze(0);
    const auto others = border::permuted(layers, a, p);
    auto value = zeros({1, n, n}, DType::float64);
    for (const auto& l : layers) {
        const auto w = border::entries(l, others), v = border::entries(l, b);
        if (l.out_group == group) value += v.matmul(w.transpose(1, 2));
        if (l.in_group == group)
            value += border::turned(v, n).matmul(border::turned(w, n).transpose(1, 2));
    }
    const auto values = value.to_vector();
    auto best = assignment(values.data(), n);
    double gain = 0;
    for (int64_t i = 0; i < n; ++i) {
        const auto row = static_cast<std::size_t>(i * n), k = static_cast<std::size_t>(i);
        gain += values[row + static_cast<std::size_t>(best[k])] -
                values[row + static_cast<std::size_t>(now[k])];
    }
    if (gain <= 1e-12) best.assign(now.begin(), now.end());
    own = Tensor::of(best, {1, n});
    return gain > 1e-12;
}
} // namespace detail

inline Matching matched(const Net& net, const Tensor& a, const Tensor& b, const Random& order) {
    const auto& groups = net.groups();
    const auto replicas = static_cast<std::size_t>(a.size(0)), count = groups.size();
    std::vector<Tensor> mine, theirs;
    std::vector<Permutations> found(replicas);
    Matching m{{}, std::vector<std::vector<double>>(replicas)};
    const auto note = [&](std::size_t r) {
        m.objective[r].push_back(
            (permuted(net.layers(), mine[r], found[r]) * theirs[r]).sum().item());
    };
    for (std::size_t r = 0; r < replicas; ++r) {
        mine.push_back(a.narrow(0, static_cast<int64_t>(r), 1).to(DType::float64));
        theirs.push_back(b.narrow(0, static_cast<int64_t>(r), 1).to(DType::float64));
        for (int64_t n : groups) found[r].push_back(range(n).unsqueeze(0));
        note(r);
    }
    std::vector<bool> moving(replicas, true);
    for (int sweep = 0;
         sweep < 100 && std::find(moving.begin(), moving.end(), true) != moving.end(); ++sweep) {
        const auto drawn =
            order.permutation(static_cast<int64_t>(count)).to_vector(); // [S, groups]
        for (std::size_t r = 0; r < replicas; ++r) {
            if (!moving[r]) continue;
            moving[r] = false;
            for (std::size_t k = 0; k < count; ++k)
                if (detail::improved(net.layers(), mine[r], theirs[r], found[r],
                                     static_cast<int32_t>(drawn[r * count + k])))
                    moving[r] = true;
            note(r);
        }
    }
    for (std::size_t k = 0; k < count; ++k) {
        std::vector<Tensor> rows;
        for (const auto& p : found) rows.push_back(p[k]);
        m.permutations.push_back(cat(rows, 0));
    }
    return m;
}

} // namespace mneme::alignment
