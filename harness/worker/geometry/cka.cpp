// SPDX-License-Identifier: Apache-2.0
#include "worker/geometry/cka.hpp"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

namespace mneme::harness {
namespace {

at::Tensor centred(const at::Tensor& features) {
    const auto all = features.to(at::kDouble);
    return all - all.mean(0, true);
}

} // namespace

double linear_cka(const at::Tensor& x, const at::Tensor& y) {
    const auto a = centred(x), b = centred(y);
    double both = 0, own = 0;
    if (a.size(0) < std::max(a.size(1), b.size(1))) { // products of examples are the smaller ones
        const auto k = a.matmul(a.t()), l = b.matmul(b.t());
        both = (k * l).sum().item<double>();
        own = (k.norm() * l.norm()).item<double>();
    } else {
        both = b.t().matmul(a).square().sum().item<double>();
        own = (a.t().matmul(a).norm() * b.t().matmul(b).norm()).item<double>();
    }
    return own > 0 ? both / own : std::nan("");
}

} // namespace mneme::harness
