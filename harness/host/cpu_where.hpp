// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

namespace mneme::host {

// at::where(mask, a, b) of float32 on a CPU where all lie alike, or b is one number, and nothing is
// recorded; undefined where they do not fit: LibTorch's is to be called.
at::Tensor cpu_where(const at::Tensor& mask, const at::Tensor& a, const at::Tensor& b);

} // namespace mneme::host
