// SPDX-License-Identifier: Apache-2.0
// A torch::autograd::Function takes no undefined tensor as an argument, but an optional one.
#pragma once

#include <ATen/core/Tensor.h>

namespace mneme::bench {

using OptionalTensor = c10::optional<at::Tensor>;

inline OptionalTensor given(const at::Tensor& t) {
    return t.defined() ? OptionalTensor(t) : c10::nullopt;
}

} // namespace mneme::bench
