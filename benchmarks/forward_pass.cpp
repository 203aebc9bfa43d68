// SPDX-License-Identifier: Apache-2.0
#include "forward_pass.hpp"

#include <utility>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "channels_last_norm.hpp"

namespace mneme::bench {

ForwardPass::ForwardPass(Setting setting) : s_(std::move(setting)) {
    if (s_.counts.defined() && s_.by_value && s_.counts.all().item<bool>()) s_.counts.reset();
}

at::Tensor ForwardPass::row(int64_t layer) const {
    return layer < 0 ? at::Tensor() : piece(layer).reshape({-1});
}

// A gradient with respect to `out` alone asks for no weights: where nothing before it is recorded,
// recording begins here.
at::Tensor ForwardPass::seen(at::Tensor out, LayerRecord what) {
    if (!s_.seen) return out;
    if (!out.requires_grad()) out.requires_grad_();
    what.in = what.in.detach();
    what.out = out;
    s_.seen->push_back(std::move(what));
    return out;
}

at::Tensor ForwardPass::convolved(const at::Tensor& a, const Conv& c) const {
    return convolved(a, c, piece(c.weight).reshape({s_.replicas * c.out, c.in, c.rows, c.columns}),
                     row(c.bias));
}

at::Tensor ForwardPass::convolved(const at::Tensor& a, const Conv& c, at::Tensor weight,
                                  const at::Tensor& bias) const {
    if (s_.channels_last)
        weight = weight.contiguous(at::MemoryFormat::ChannelsLast); // outputs follow
    const int64_t groups = a.size(1) / c.in; // 1 where all replicas share the inputs
    // LibTorch 2.11 damages the heap where a 1 x 1 convolution with a stride of 2 passes 2 to 7
    // channels that lie last. Without a stride, on every stride-th place, it is the same one.
    const bool thinned = s_.channels_last && c.rows == 1 && c.columns == 1 && c.padding == 0 &&
                         c.stride > 1 && c.in < 8;
    if (!thinned)
        return at::conv2d(a, weight, bias, {c.stride, c.stride}, {c.padding, c.padding}, {1, 1},
                          groups);
    const auto places = a.slice(2, 0, c10::nullopt, c.stride).slice(3, 0, c10::nullopt, c.stride);
    const std::vector<int64_t> ones{1, 1}, none{0, 0};
    return at::conv2d(places.contiguous(at::MemoryFormat::ChannelsLast), weight, bias, ones, none,
                      ones, groups);
}

bool ForwardPass::can_fold(const at::Tensor& a, const Conv& c, const Norm& n) const {
    if (n.kind != Norm::Kind::batch || s_.statistics != Statistics::running || s_.replicas != 1 ||
        !s_.channels_last || s_.seen)
        return false;
    const auto recorded = [&](int64_t layer) { return layer >= 0 && piece(layer).requires_grad(); };
    return !at::GradMode::is_enabled() ||
           !(a.requires_grad() || recorded(c.weight) || recorded(c.bias) || recorded(n.scale) ||
             recorded(n.shift));
}

// By running statistics a norm is one factor and one summand for each channel, which the
// convolution's weights and bias take over: a pass over the activation is saved.
at::Tensor ForwardPass::conv_norm(const at::Tensor& a, const Conv& c, const Norm& n) {
    if (!can_fold(a, c, n)) return norm(conv(a, c), n);
    enter({&c, nullptr, nullptr, a, {}});
    const auto statistic = [&](int64_t at) {
        return s_.stats.narrow(1, at, n.channels).reshape({-1});
    };
    auto factor = (statistic(n.variance) + norm_eps).rsqrt();
    if (n.scale >= 0) factor = factor * row(n.scale);
    const auto mean = statistic(n.mean);
    auto summand = (c.bias < 0 ? -mean : row(c.bias) - mean) * factor;
    if (n.shift >= 0) summand = summand + row(n.shift);
    const auto weight =
        piece(c.weight).reshape({c.out, c.in, c.rows, c.columns}) * factor.view({-1, 1, 1, 1});
    return convolved(a, c, weight, summand);
}

at::Tensor ForwardPass::conv(const at::Tensor& a, const Conv& c) {
    enter({&c, nullptr, nullptr, a, {}});
    return seen(convolved(a, c), {&c, nullptr, nullptr, a, {}});
}

at::Tensor ForwardPass::conv(const at::Tensor& a, const Conv& c, const OfChannel& of_channel) {
    enter({&c, nullptr, nullptr, a, {}});
    auto z = convolved(a, c);
    if (!s_.seen) return of_channel(z);
    if (!z.requires_grad()) z.requires_grad_();
    const auto out = of_channel(z);
    const auto slope = torch::autograd::grad(
        {out}, {z}, {at::ones_like(out)}, true)[0]; // a channel's number has no other channel in it
    return seen(out, {&c, nullptr, nullptr, a, {}, slope});
}

at::Tensor ForwardPass::dense(const at::Tensor& a, const Dense& d) {
    enter({nullptr, &d, nullptr, a, {}});
    const int64_t replicas = s_.replicas;
    at::Tensor out;
    if (replicas == 1) {
        out = at::linear(a, piece(d.weight).reshape({d.out, d.in}), row(d.bias));
    } else {
        const auto w = piece(d.weight).reshape({replicas, d.out, d.in});
        out = at::bmm(a.view({-1, replicas, d.in}).transpose(0, 1), w.transpose(1, 2));
        if (d.bias >= 0) out = out + piece(d.bias).unsqueeze(1);
        out = out.transpose(0, 1).reshape({-1, replicas * d.out});
    }
    return seen(out, {nullptr, &d, nullptr, a, {}});
}

// In place it saves memory and page faults. Not while outputs are recorded for the gradients of
// single examples: without a norm the recorded output is the very tensor that ReLU is given.
at::Tensor ForwardPass::relu(at::Tensor a) const { return s_.seen ? a.relu() : a.relu_(); }

at::Tensor ForwardPass::drop(const at::Tensor& a, int64_t place) const {
    return s_.masks.empty() ? a : a * s_.masks[std::size_t(place)].reshape(a.sizes());
}

at::Tensor ForwardPass::norm(const at::Tensor& a, const Norm& n) {
    if (n.kind == Norm::Kind::none) return a;
    if (!s_.seen || n.scale < 0) return normalised(a, n, row(n.scale), row(n.shift));
    const auto plain = normalised(a, n, {}, {});
    const std::vector<int64_t> shape{-1, 1, 1};
    return seen(plain * row(n.scale).view(shape) + row(n.shift).view(shape),
                {nullptr, nullptr, &n, plain, {}});
}

at::Tensor ForwardPass::normalised(const at::Tensor& a, const Norm& n, const at::Tensor& scale,
                                   const at::Tensor& shift) {
    if (n.kind == Norm::Kind::group)
        return at::group_norm(a, norm_groups * s_.replicas, scale, shift, norm_eps, false);
    const bool one_value =
        a.size(0) * a.size(2) * a.size(3) == 1; // its unbiased variance is not a number
    const Statistics how = n.frozen ? Statistics::running : s_.statistics;
    const bool collect = how == Statistics::collect, running = how == Statistics::running;
    if (s_.counts.defined() && !s_.by_value && !collect && !running)
        return by_rows_unseen(a, n, scale, shift);
    if (collect || (!running && (s_.counts.defined() || one_value))) {
        const auto out = by_counted_rows(a, n);
        const std::vector<int64_t> shape{-1, 1, 1};
        return scale.defined() ? out * scale.view(shape) + shift.view(shape) : out;
    }
    if (how == Statistics::batch) return by_batch(a, scale, shift, {}, {});
    auto mean_rows = s_.stats.narrow(1, n.mean, n.channels),
         variance_rows = s_.stats.narrow(1, n.variance, n.channels);
    const auto mean = mean_rows.reshape({-1}), variance = variance_rows.reshape({-1});
    const bool update = how == Statistics::batch_and_update;
    const auto out = update ? by_batch(a, scale, shift, mean, variance)
                            : at::batch_norm(a, scale, shift, mean, variance, false, norm_momentum,
                                             norm_eps, false);
    if (update && s_.replicas > 1) { // with one replica they are views
        mean_rows.copy_(mean.view(mean_rows.sizes()));
        variance_rows.copy_(variance.view(variance_rows.sizes()));
    }
    return out;
}

at::Tensor ForwardPass::by_batch(const at::Tensor& a, const at::Tensor& scale,
                                 const at::Tensor& shift, const at::Tensor& running_mean,
                                 const at::Tensor& running_variance) const {
    if (s_.channels_last && channels_last_norm_takes(a))
        return channels_last_norm(a, scale, shift, running_mean, running_variance);
    return at::batch_norm(a, scale, shift, running_mean, running_variance, true, norm_momentum,
                          norm_eps, false);
}

at::Tensor ForwardPass::by_rows_unseen(const at::Tensor& a, const Norm& n, const at::Tensor& scale,
                                       const at::Tensor& shift) {
    if (!counted_) counted_.emplace(s_.counts, a.scalar_type());
    if (s_.statistics == Statistics::batch) return counted_->normalised(a, scale, shift, {}, {});
    const auto stats = s_.stats.variable_data(); // as below
    return counted_->normalised(a, scale, shift, stats.narrow(1, n.mean, n.channels),
                                stats.narrow(1, n.variance, n.channels));
}

// Batch normalisation by the rows that count. Where none does, by mean 0 and variance 1, and
// running values stay as they are.
at::Tensor ForwardPass::by_counted_rows(const at::Tensor& a, const Norm& n) {
    const int64_t rows = a.size(0), replicas = s_.replicas, channels = n.channels;
    auto counts = s_.counts.defined() ? s_.counts.t().to(a.scalar_type())
                                      : at::ones({rows, replicas}, a.options());
    counts = counts.unsqueeze(2)
                 .expand({rows, replicas, channels})
                 .reshape({rows, replicas * channels, 1, 1});
    const auto number = counts.sum(0, true) * double(a.size(2) * a.size(3)),
               some = number.clamp_min(1);
    const auto mean = (a * counts).sum({0, 2, 3}, true) / some;
    const auto centred = a - mean;
    const auto variance = (centred.square() * counts).sum({0, 2, 3}, true) / some;
    if (s_.statistics != Statistics::batch) {
        const bool as_is = s_.statistics == Statistics::collect;
        const auto part = [&](const at::Tensor& t) {
            return t.detach().view({replicas, channels});
        };
        const auto take = part(number.gt(0).to(a.scalar_type()) * (as_is ? 1 : norm_momentum));
        const auto unbiased = as_is ? variance : variance * number / (number - 1).clamp_min(1);
        const auto stats = s_.stats.variable_data(); // LibTorch's normalisation has recorded these
                                                     // rows, and takes a change for a fault
        auto mean_rows = stats.narrow(1, n.mean, channels),
             variance_rows = stats.narrow(1, n.variance, channels);
        mean_rows.add_(take * (part(mean) - mean_rows));
        variance_rows.add_(take * (part(unbiased) - variance_rows));
    }
    return centred * (variance + number.eq(0) + norm_eps).rsqrt();
}

} // namespace mneme::bench
