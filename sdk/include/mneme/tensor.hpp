// SPDX-License-Identifier: Apache-2.0
// A tensor that lives in the host, and arithmetic on it. Names and meanings are LibTorch's. What is
// not wrapped: MNEME_OP("aten::cdist")(a, b, 2.0).
#pragma once

#include <mneme/tensor_class.hpp>

#include <mneme/op.hpp>

#include <mneme/arithmetic.hpp>

#include <mneme/tensor_inline.hpp>
