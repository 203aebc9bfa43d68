// SPDX-License-Identifier: Apache-2.0
// Bodies of net.hpp.
#pragma once

#include <mneme/net.hpp>

namespace mneme {

namespace border {
inline std::vector<Layer> layers_of(const mneme_net* net) {
    std::vector<mneme_layer> raw(static_cast<std::size_t>(tables.net->layers(net, nullptr, 0)));
    for (auto& layer : raw) layer.size = sizeof layer;
    tables.net->layers(net, raw.data(), static_cast<int64_t>(raw.size()));
    std::vector<Layer> out;
    for (const auto& l : raw)
        out.push_back({l.name,
                       {l.shape, l.shape + l.dims},
                       l.offset,
                       l.numel,
                       l.fan_in,
                       LayerKind(l.kind),
                       l.in_group,
                       l.out_group});
    return out;
}

template <class F, class... A> Tensor tensor_from(F function, A... arguments) {
    mneme_tensor* out = nullptr;
    call(function, arguments..., &out);
    return Tensor(out);
}
} // namespace border

inline Net::Net(const mneme_net* net)
    : net_(net), layers_(border::layers_of(net)), class_(range(classes())) {
    groups_.resize(static_cast<std::size_t>(api().groups(net, nullptr, 0)));
    api().groups(net, groups_.data(), static_cast<int64_t>(groups_.size()));
    if (!border::tables.layers) return; // a host without mneme.layers/1 does not say
    std::vector<int64_t> head(
        static_cast<std::size_t>(border::tables.layers->head(net, nullptr, 0)));
    border::tables.layers->head(net, head.data(), static_cast<int64_t>(head.size()));
    for (int64_t k : head) head_.push_back(layers_.at(static_cast<std::size_t>(k)));
}

inline Tensor Net::real() const {
    return per_column([](const Layer&) { return 1; }) > 0;
}

inline Tensor Net::head_columns(const std::vector<int64_t>& wanted) const {
    std::vector<float> values(static_cast<std::size_t>(columns()));
    for (const auto& l : head_) {
        const int64_t row = l.numel / l.shape[0];
        for (int64_t c : wanted) std::fill_n(values.begin() + l.offset + c * row, row, 1.0F);
        if (wanted.empty()) std::fill_n(values.begin() + l.offset, l.numel, 1.0F);
    }
    return Tensor::of(values, {1, columns()}) > 0;
}

inline Weights Net::initial() const {
    mneme_tensor *theta = nullptr, *stats = nullptr;
    border::call(api().initial, net_, &theta, &stats);
    return {Tensor(theta), Tensor(stats)};
}

inline Tensor Net::logits(const Weights& w, const Tensor& x, Mode mode) const {
    return border::tensor_from(api().logits, net_, w.theta.handle(), w.stats.handle(), x.handle(),
                               static_cast<int32_t>(mode));
}
inline Tensor Net::features(const Weights& w, const Tensor& x, Mode mode) const {
    return border::tensor_from(api().features, net_, w.theta.handle(), w.stats.handle(), x.handle(),
                               static_cast<int32_t>(mode));
}
inline Tensor Net::head(const Tensor& task) const {
    return border::tensor_from(api().head, net_, task.handle());
}
inline Tensor Net::losses(const Tensor& logits, const Batch& batch) const {
    const auto b = border::lend(batch);
    return border::tensor_from(api().losses, net_, logits.handle(), &b);
}
inline Tensor Net::loss(const Weights& w, const Batch& batch, Mode mode) const {
    const auto b = border::lend(batch);
    return border::tensor_from(api().loss, net_, w.theta.handle(), w.stats.handle(), &b,
                               static_cast<int32_t>(mode));
}
inline Tensor Net::gradient(const Weights& w, const Batch& batch, Mode mode) const {
    const auto b = border::lend(batch);
    return border::tensor_from(api().gradient, net_, w.theta.handle(), w.stats.handle(), &b,
                               static_cast<int32_t>(mode));
}
inline Tensor Net::per_sample(const Weights& w, const Batch& batch, Of of, Reduce reduce) const {
    const auto b = border::lend(batch);
    return border::tensor_from(api().per_sample, net_, w.theta.handle(), w.stats.handle(), &b,
                               static_cast<int32_t>(of), static_cast<int32_t>(reduce));
}

} // namespace mneme
