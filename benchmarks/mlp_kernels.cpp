// SPDX-License-Identifier: Apache-2.0
// Linear layers by kernels of our own, for all replicas at once.
#include "mlp.hpp"

#include <utility>

#include <ATen/ATen.h>

namespace mneme::bench {

namespace {

// As a device's kernels take them: contiguous, and the way from replica to replica, 0 where all
// share.
std::pair<at::Tensor, int64_t> lying(const at::Tensor& a) {
    if (a.size(0) > 1 && a.stride(0) == 0) return {a[0].contiguous(), 0};
    return {a.contiguous(), a.size(1) * a.size(2)};
}

} // namespace

bool Mlp::by_kernels(const at::Tensor& theta, int64_t rows) const {
    return kernels_ && theta.is_cuda() == kernels_->cuda && theta.scalar_type() == at::kFloat &&
           (kernels_->most_rows == 0 || theta.size(0) * rows <= kernels_->most_rows);
}

at::Tensor Mlp::layer_forward(const at::Tensor& theta, const at::Tensor& given, std::size_t layer,
                              const at::Tensor& mask) const {
    const Linear& n = linears_[layer];
    const auto [a, stride] = lying(given);
    const int64_t replicas = theta.size(0), rows = given.size(1);
    const float* row = theta.data_ptr<float>();
    auto out = at::empty({replicas, rows, n.out}, theta.options());
    kernels_->forward({{replicas, rows, n.in, n.out, theta.stride(0)},
                       a.data_ptr<float>(),
                       stride,
                       row + n.weight,
                       n.bias < 0 ? nullptr : row + n.bias,
                       mask.defined() ? mask.data_ptr<float>() : nullptr,
                       layer + 1 < linears_.size(),
                       out.data_ptr<float>()},
                      kernels_->stream());
    return out;
}

void Mlp::layer_gradient(const at::Tensor& theta, const at::Tensor& given, std::size_t layer,
                         const at::Tensor& d, at::Tensor& out) const {
    const Linear& n = linears_[layer];
    const auto [a, stride] = lying(given);
    const auto whole = d.contiguous();
    float* row = out.data_ptr<float>();
    kernels_->gradient({{theta.size(0), given.size(1), n.in, n.out, out.stride(0)},
                        whole.data_ptr<float>(),
                        a.data_ptr<float>(),
                        stride,
                        row + n.weight,
                        n.bias < 0 ? nullptr : row + n.bias},
                       kernels_->stream());
}

at::Tensor Mlp::layer_below(const at::Tensor& theta, const at::Tensor& a, std::size_t layer,
                            const at::Tensor& d, const at::Tensor& mask) const {
    const Linear& n = linears_[layer];
    const auto whole = d.contiguous();
    auto out = at::empty_like(a);
    kernels_->backward({{theta.size(0), a.size(1), n.in, n.out, theta.stride(0)},
                        whole.data_ptr<float>(),
                        theta.data_ptr<float>() + n.weight,
                        a.data_ptr<float>(),
                        mask.defined() ? mask.data_ptr<float>() : nullptr,
                        out.data_ptr<float>()},
                       kernels_->stream());
    return out;
}

} // namespace mneme::bench
