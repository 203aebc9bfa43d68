// SPDX-License-Identifier: Apache-2.0
// Weight matching (Ainsworth et al. 2022, arXiv:2209.04836), as the SDK has it.
#pragma once

#include <ATen/core/Tensor.h>

#include "host/session.hpp"

namespace mneme::harness {

// a [1, columns] with its hidden units in the order that brings it nearest to b. The session's
// network says which units there are; its draws give the order of the sweeps.
at::Tensor matched(host::Session&, const at::Tensor& a, const at::Tensor& b);

} // namespace mneme::harness
