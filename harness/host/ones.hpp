// SPDX-License-Identifier: Apache-2.0
// Tensors of which the host knows without a look that they hold ones: weights of batches in which
// every row counts. A look would wait for a device. Nobody asks LibTorch's count of writes: a
// plugin's operators run below where it is kept (tensor_table.cpp).
#pragma once

#include <ATen/core/Tensor.h>

namespace mneme::host {

void known_as_ones(const at::Tensor&);
bool are_known_ones(const at::Tensor&); // that tensor, no view of it
// To be said before anything may write into a tensor, or gets the means to. Not taken back: who has
// an address may write at any time.
void no_longer_known(const at::Tensor&);

} // namespace mneme::host
