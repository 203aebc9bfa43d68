// SPDX-License-Identifier: Apache-2.0
// The largest of each row: a kernel of the host where that wins over sorting, LibTorch's operators
// elsewhere.
#pragma once

#include <mneme/tensor.hpp>

namespace mneme {

// [S, n] bool of floats [S, n]: true at the k largest of each row, of equal ones at the last. k: 1
// to n, or an Error.
inline Tensor largest_of(const Tensor& a, int64_t k) {
    if (!border::tables.select)
        throw Error("largest_of: this host selects nothing (mneme.select/1); use another",
                    MNEME_STATE);
    mneme_tensor* out = nullptr;
    border::call(border::tables.select->largest, a.handle(), k, &out);
    return Tensor(out);
}

} // namespace mneme
