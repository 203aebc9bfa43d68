// SPDX-License-Identifier: Apache-2.0
// Random crop with padding and horizontal flip, for a whole batch at once, on its device.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

namespace mneme::bench {

// What happens to each picture of a batch [S, B].
struct Moves {
    at::Tensor crop; // int64 [S, B, 2]: first row and first column, 0 to 2 * padding, in the padded
                     // picture; undefined: none
    at::Tensor
        flip; // int64 [S, B]: 1 where left and right are swapped, after the crop; undefined: none
};

// x: [S, B, D], D = channels * rows * columns of `shape`. `outside`: one value, what the padding
// holds. Copies of numbers: the same bits on every device.
at::Tensor augmented(const at::Tensor& x, const std::vector<int64_t>& shape, int64_t padding,
                     const Moves&, const at::Tensor& outside);

} // namespace mneme::bench
