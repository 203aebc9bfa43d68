// SPDX-License-Identifier: Apache-2.0
// Losses whose bits do not depend on how many replicas stand beside one another. LibTorch's own
// sigmoid and binary cross-entropy treat the last entries of a tensor with another formula than the
// others, and which entries are last depends on S: docs/write_a_plugin.md lists such operators.
#pragma once

#include <mneme/tensor.hpp>

namespace mneme {

// 1 / (1 + exp(-x)), entry by entry.
inline Tensor sigmoid(const Tensor& x) { return (1 + exp(-x)).reciprocal(); }

// log(1 + exp(x)), entry by entry, without overflow.
inline Tensor softplus(const Tensor& x) { return relu(x) + log(1 + exp(-abs(x))); }

// -t log s(x) - (1 - t) log(1 - s(x)), s the sigmoid, entry by entry; t in [0, 1]. Its derivative
// by x is sigmoid(x) - t.
inline Tensor binary_cross_entropy(const Tensor& logits, const Tensor& target) {
    return softplus(logits) - logits * target;
}

// softmax(z / T) over the logits that count, 0 elsewhere: what distillation compares. Its
// cross-entropy with a target q has the derivative (softened(z) - q) / T by z.
inline Tensor softened(const Tensor& z, const Tensor& counts, double temperature) {
    return (z / temperature).masked_fill(!counts, -1e30).softmax(-1);
}

} // namespace mneme
