// SPDX-License-Identifier: Apache-2.0
// Batch normalisation by the rows that count, where nobody may look which those are: a device would
// have to be waited for. A few operators, with a backward pass of its own. On the CPU the operators
// of ForwardPass keep the bits of the runs that there are.
#pragma once

#include <ATen/core/Tensor.h>

#include <benchmarks/norm.hpp>

namespace mneme::bench {

class MaskedNorm final { // of one batch, for all its layers
  public:
    MaskedNorm(const at::Tensor& counts, at::ScalarType); // [R, B] bool
    // a: [B, R * channels, rows, columns]; scale and shift: [R * channels] or undefined. Where
    // means and variances [R, channels] are given, they move on as running values. Where no row
    // counts, mean 0 and variance 1 are taken, and running values stay as they are.
    at::Tensor normalised(const at::Tensor& a, const at::Tensor& scale, const at::Tensor& shift,
                          at::Tensor means, at::Tensor variances);

  private:
    at::Tensor number_;   // [R, 1]: how many count
    at::Tensor share_;    // [B, R, 1]: 1 / number, 0 of a row that does not count
    at::Tensor none_;     // [R, 1]: 1 where no row counts
    at::Tensor unbiased_; // [R, 1]: by what a variance over `positions_` becomes the unbiased one
    at::Tensor rate_, of_whole_; // [R, 1], [B, R, 1]
    int64_t positions_ = 0;
};

} // namespace mneme::bench
