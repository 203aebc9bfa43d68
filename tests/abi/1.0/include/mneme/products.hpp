// SPDX-License-Identifier: Apache-2.0
// Inner products of rows as long as the weights, by a kernel of the host.
#pragma once

#include <utility>

#include <mneme/tensor.hpp>

namespace mneme {

// a.b and b.b of each row, [S, 1] each; a and b float32 [S, n]. One pass, in an order that n alone
// decides: a replica has the bits it would have alone. Nothing is recorded for derivatives.
inline std::pair<Tensor, Tensor> products(const Tensor& a, const Tensor& b) {
    if (!border::tables.products)
        throw Error("products: this host has none (mneme.products/1); use (a * b).sum(1)",
                    MNEME_STATE);
    mneme_tensor *ab = nullptr, *bb = nullptr;
    border::call(border::tables.products->of_rows, a.handle(), b.handle(), &ab, &bb);
    return {Tensor(ab), Tensor(bb)};
}

} // namespace mneme
