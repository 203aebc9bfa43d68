// SPDX-License-Identifier: Apache-2.0
// Permuted networks: the units of hidden dimension l in the order P_l, which leaves the function as
// it is.
//
//   pi_P(theta):   W_l <- P_l W_l P_{l-1}^T,   biases, scales and shifts b_l <- P_l b_l
//
// A layer says which group its rows belong to and which its columns: a convolution permutes
// channels of kh kw numbers, a linear layer behind a flattening blocks of columns. Running
// statistics are no part of theta and stay as they are.
#pragma once

#include <mneme/assignment.hpp>
#include <mneme/net.hpp>
#include <mneme/replicas.hpp>

namespace mneme {

// Of each group of Net::groups(): soft, [S, n, n] of theta's type, or hard, the index [S, n] int64:
// row i of P W is row P[i] of W.
using Permutations = std::vector<Tensor>;

namespace border {

inline const Tensor& of_group(const Permutations& p, int32_t group) {
    return p[static_cast<std::size_t>(group)];
}

inline Tensor entries(const Layer& l, const Tensor& theta) { // [S, rows, the rest]
    const int64_t rows = l.shape[0];
    return theta.narrow(1, l.offset, l.numel).reshape({theta.size(0), rows, l.numel / rows});
}

// [S, o, n k] <-> [S, n, o k]: the input dimension to the front, and back.
inline Tensor turned(const Tensor& w, int64_t n) {
    const int64_t s = w.size(0), o = w.size(1), k = w.size(2) / n;
    return w.reshape({s, o, n, k}).transpose(1, 2).reshape({s, n, o * k});
}

inline Tensor ordered(const Tensor& w, const Tensor& p) { // P w: [S, n, m]
    return p.dim() == 3 ? p.matmul(w)
                        : w.gather(1, p.unsqueeze(2).expand({w.size(0), w.size(1), w.size(2)}));
}
inline Tensor columns_ordered(const Layer& l, const Tensor& w, const Permutations& p) {
    if (l.in_group < 0) return w;
    const auto& in = of_group(p, l.in_group);
    return turned(ordered(turned(w, in.size(1)), in), l.shape[0]);
}

inline Tensor permuted(const std::vector<Layer>& layers, const Tensor& theta,
                       const Permutations& p) {
    auto out = theta.clone();
    for (const auto& l : layers) {
        if (l.in_group < 0 && l.out_group < 0) continue;
        auto w = columns_ordered(l, entries(l, theta), p);
        if (l.out_group >= 0) w = ordered(w, of_group(p, l.out_group));
        out.narrow(1, l.offset, l.numel).copy_(w.reshape({theta.size(0), l.numel}));
    }
    return out;
}

inline std::vector<Tensor> with(const std::vector<Tensor>& first, const Permutations& p) {
    auto all = first;
    all.insert(all.end(), p.begin(), p.end());
    return all;
}
inline Permutations behind(const std::vector<Tensor>& all, std::ptrdiff_t first) {
    return {all.begin() + first, all.end()};
}

} // namespace border

// pi_P(theta), [S, P].
inline Tensor permuted(const std::vector<Layer>& layers, const Tensor& theta,
                       const Permutations& p) {
    if (p.empty() || p[0].dim() == 2)
        return border::permuted(layers, theta, p); // moves numbers, multiplies none
    return each_replica(border::with({theta}, p), [&](const std::vector<Tensor>& in) {
        return std::vector<Tensor>{border::permuted(layers, in[0], border::behind(in, 1))};
    })[0];
}

// The adjoint: dL/dP of each group from g = dL/d pi_P(theta), P soft. With V = W P_in^T:  dP_out +=
// g V^T,  dP_in += (P_out^T g)^T W.
inline Permutations permuted_gradient(const std::vector<Layer>& layers, const Tensor& theta,
                                      const Permutations& p, const Tensor& g) {
    return each_replica(border::with({theta, g}, p), [&](const std::vector<Tensor>& in) {
        const auto soft = border::behind(in, 2);
        Permutations sum(soft.size());
        const auto add = [&](int32_t group, const Tensor& part) {
            auto& to = sum[static_cast<std::size_t>(group)];
            if (to.defined()) to += part;
            else to = part;
        };
        for (const auto& l : layers) {
            if (l.in_group < 0 && l.out_group < 0) continue;
            const auto w = border::entries(l, in[0]);
            auto d = border::entries(l, in[1]);
            if (l.out_group >= 0) {
                add(l.out_group, d.matmul(border::columns_ordered(l, w, soft).transpose(1, 2)));
                if (l.in_group >= 0)
                    d = border::of_group(soft, l.out_group).transpose(1, 2).matmul(d);
            }
            if (l.in_group < 0) continue;
            const int64_t n = border::of_group(soft, l.in_group).size(1);
            add(l.in_group, border::turned(d, n).matmul(border::turned(w, n).transpose(1, 2)));
        }
        for (std::size_t k = 0; k < sum.size(); ++k)
            if (!sum[k].defined()) sum[k] = zeros_like(soft[k]); // a group that no layer names
        return sum;
    });
}

// Q P: first P, then Q. Hard ones.
inline Permutations composed(const Permutations& q, const Permutations& p) {
    Permutations both;
    for (std::size_t k = 0; k < p.size(); ++k) both.push_back(p[k].gather(1, q[k]));
    return both;
}

// The hard permutations that maximise sum_ij P_ij X_ij, on the host.
inline Permutations assigned(const std::vector<Tensor>& x) {
    Permutations hard;
    for (const auto& one : x) hard.push_back(assignment(one));
    return hard;
}

// A hard permutation as a matrix [S, n, n].
inline Tensor matrix_of(const Tensor& index, DType type = DType::float32) {
    return (index.unsqueeze(2) == range(index.size(1))).to(type);
}

} // namespace mneme
