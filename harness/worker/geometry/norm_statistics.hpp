// SPDX-License-Identifier: Apache-2.0
// Running statistics of normalisation for networks that nobody trained: a point on the line between
// two networks has weights, but no statistics of its own.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include <benchmarks/network.hpp>

namespace mneme::harness {

// theta [L, columns], a network in each row; batches of examples [B, D] as the network takes them.
// Returns stats [L, stats_columns]: the mean over the batches of each batch's mean and unbiased
// variance. Dropout is off. No columns where the network keeps no statistics.
at::Tensor estimated_statistics(const bench::Network&, const at::Tensor& theta,
                                const std::vector<at::Tensor>& batches);

} // namespace mneme::harness
