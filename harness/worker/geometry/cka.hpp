// SPDX-License-Identifier: Apache-2.0
// How alike two networks' features are, whatever the order of their units.
#pragma once

#include <ATen/core/Tensor.h>

namespace mneme::harness {

// Linear centred kernel alignment of the features x [n, F] and y [n, G] of the same n examples
// (Kornblith et al. 2019, arXiv:1905.00414): with the mean of each column taken off,
//   |Y^T X|^2 / (|X^T X| |Y^T Y|), Frobenius norms.
// From 0 to 1; 1 where one is the other turned, moved and multiplied by a number. NaN where the
// features of a network are those of one example.
double linear_cka(const at::Tensor& x, const at::Tensor& y);

} // namespace mneme::harness
