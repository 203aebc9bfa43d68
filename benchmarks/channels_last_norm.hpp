// SPDX-License-Identifier: Apache-2.0
// Batch normalisation by the batch's own statistics, on a CPU, of images that lie with the channels
// last: what at::batch_norm computes, which passes them at a fraction of the memory's speed
// (docs/performance.md).
#pragma once

#include <ATen/core/Tensor.h>

namespace mneme::bench {

bool channels_last_norm_takes(const at::Tensor& a); // [B, C, rows, columns]

// scale and shift: [C], or both undefined. Where running means and variances [C] are given, they
// move on by norm_momentum. Has a second derivative, LibTorch's.
at::Tensor channels_last_norm(const at::Tensor& a, const at::Tensor& scale, const at::Tensor& shift,
                              const at::Tensor& running_mean, const at::Tensor& running_variance);

} // namespace mneme::bench
