// SPDX-License-Identifier: Apache-2.0
// Gradients of an MLP, written down by hand: that of a batch, and the squares or absolute values of
// those of single examples.
#include <utility>

#include <ATen/ATen.h>

#include "mlp.hpp"
#include "rows.hpp"

namespace mneme::bench {

namespace {

void product_into(at::Tensor out, const at::Tensor& a, const at::Tensor& b) {
    if (a.dim() == 2) at::mm_out(out, a, b);
    else at::bmm_out(out, a, b);
}

} // namespace

at::Tensor Mlp::result_like(const at::Tensor& theta) const {
    auto out = at::empty({theta.size(0), columns_}, theta.options());
    int64_t offset = 0;
    for (int64_t size : cuts_) { // padding is what stands between layers
        if (size < 16 && offset % 16) out.narrow(1, offset, size).zero_();
        offset += size;
    }
    for (const auto& layer : layers_)
        if (layer.frozen) out.narrow(1, layer.offset, layer.numel).zero_();
    return out;
}

// What enters linear layer `layer` had this cotangent, before its ReLU.
at::Tensor Mlp::below(const at::Tensor& theta, const Trace& trace, int64_t replica,
                      std::size_t layer, const at::Tensor& d, const at::Tensor& mask) const {
    if (by_kernels(theta, d.size(-2)))
        return layer_below(theta, trace.inputs[layer], layer, d, mask);
    const Linear& n = linears_[layer];
    auto before = product(d, entries(theta, replica, n.weight, n.out, n.in));
    if (mask.defined()) before.mul_(mask);
    return at::threshold_backward_out(before, before, trace.inputs[layer],
                                      0); // an entry that was dropped is 0 and gives 0
}

// Weights and bias of layer `layer`, for what entered it and the cotangent of what it gave.
void Mlp::into(at::Tensor& out, const at::Tensor& theta, const at::Tensor& a, int64_t replica,
               std::size_t layer, const at::Tensor& d) const {
    if (by_kernels(theta, d.size(-2))) return layer_gradient(theta, a, layer, d, out);
    const Linear& n = linears_[layer];
    product_into(entries(out, replica, n.weight, n.out, n.in), d.transpose(-1, -2), a);
    if (n.bias < 0) return;
    auto bias = entries(out, replica, n.bias, n.out);
    at::sum_out(bias, d, d.dim() - 2);
}

void Mlp::backward(const at::Tensor& theta, const Trace& trace, const Tensors& masks,
                   int64_t replica, at::Tensor d, at::Tensor& out) const {
    for (std::size_t l = linears_.size(); l-- > lowest_;) {
        if (!linears_[l].frozen) into(out, theta, trace.inputs[l], replica, l, d);
        if (l > lowest_) d = below(theta, trace, replica, l, d, mask_of(masks, l - 1, replica));
    }
}

at::Tensor Mlp::gradient(const Weights& w, const at::Tensor& given, Mode mode,
                         const Dropout& dropout, const Cotangent& cotangent) const {
    const auto x = checked(w, given);
    const auto drop = masks(w.theta.size(0), x, mode, dropout);
    const auto theta = aligned_rows(w.theta);
    const auto replicas = parts(theta, x);
    const auto traces = forward(theta, x, drop);
    const auto d = cotangent(logits_of(traces));
    const at::AutoDispatchBelowAutograd plain;
    auto out = result_like(theta);
    for (std::size_t i = 0; i < replicas.size(); ++i)
        backward(theta, traces[i], drop, replicas[i], part_of(d, replicas[i]), out);
    return out;
}

// A linear layer's own gradient for example n is the outer product of d[n] and a[n], so squares (or
// absolute values) of both multiply; `a` is the same for every direction, so theirs are added up
// first.
void Mlp::per_sample(const at::Tensor& theta, const Trace& trace, int64_t replica,
                     Tensors directions, bool absolute, at::Tensor& out) const {
    const auto size_of = [&](const at::Tensor& t) { return absolute ? t.abs() : t.square(); };
    for (std::size_t l = linears_.size(); l-- > lowest_;) {
        auto sum = size_of(directions[0]);
        for (std::size_t k = 1; k < directions.size(); ++k) sum.add_(size_of(directions[k]));
        if (!linears_[l].frozen) into(out, theta, size_of(trace.inputs[l]), replica, l, sum);
        if (l == lowest_) break;
        for (auto& d : directions) d = below(theta, trace, replica, l, d, {});
    }
}

at::Tensor Mlp::per_sample(const Weights& w, const at::Tensor& given, const Cotangents& cotangents,
                           bool absolute) const {
    const auto x = checked(w, given);
    const auto theta = aligned_rows(w.theta);
    const auto replicas = parts(theta, x);
    const auto traces = forward(theta, x, Tensors(linears_.size()));
    const auto directions = cotangents(logits_of(traces));
    const at::AutoDispatchBelowAutograd plain;
    if (directions.empty()) return at::zeros_like(theta);
    auto out = result_like(theta);
    for (std::size_t i = 0; i < replicas.size(); ++i) {
        Tensors own;
        for (const auto& d : directions) own.push_back(part_of(d, replicas[i]));
        per_sample(theta, traces[i], replicas[i], std::move(own), absolute, out);
    }
    return out;
}

} // namespace mneme::bench
