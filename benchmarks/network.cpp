// SPDX-License-Identifier: Apache-2.0
// What every network has: the layout of its weights, their first values, and gradients by recording. A network may do better.
#include <benchmarks/network.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <benchmarks/random.hpp>

#include "mlp.hpp"

namespace mneme::bench {

int64_t Network::parameters() const {
    int64_t sum = 0;
    for (const auto& layer : layers_) sum += layer.numel;
    return sum;
}

std::size_t Network::add(Layer layer) {
    layer.numel = 1;
    for (int64_t size : layer.shape) layer.numel *= size;
    layer.offset = columns_;
    columns_ += (layer.numel + 15) / 16 * 16;
    layers_.push_back(std::move(layer));
    return layers_.size() - 1;
}

at::Tensor Network::initial(int64_t seed) const {
    auto row = at::zeros({columns_}, at::kFloat);
    const PhiloxKey key{uint32_t(seed), purpose("mneme/init")};
    int64_t element = 0;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        const Layer& layer = layers_[l];
        const bool glorot = init_ == "glorot";
        const double bound = glorot ? (layer.kind == LayerKind::weight ? std::sqrt(6.0 / double(layer.fan_in + layer.fan_out)) : 0.0)
                                    : 1.0 / std::sqrt(double(layer.fan_in));
        float* out = row.data_ptr<float>() + layer.offset;
        for (int64_t i = 0; i < layer.numel; ++i, ++element) {
            const Philox4 bits = philox(key, uint32_t(element / 4), {uint32_t(l), 0, 0});
            out[i] = float(bound * (2.0 * double(uniform_of(bits.v[element % 4])) - 1.0));
        }
    }
    return row;
}

at::Tensor Network::gradient(const Weights& w, const at::Tensor& x, Mode mode, const Dropout& dropout, const Cotangent& cotangent) const {
    at::AutoGradMode recording(true);
    const auto theta = w.theta.detach().requires_grad_();
    const auto out = logits({theta, w.stats}, x, mode, dropout);
    return torch::autograd::grad({out}, {theta}, {cotangent(out.detach())})[0];
}

at::Tensor Network::per_sample(const Weights& w, const at::Tensor& x, const Cotangents& cotangents, bool absolute) const {
    const int64_t replicas = w.theta.size(0), columns = w.theta.size(1);
    std::vector<at::Tensor> directions;
    at::Tensor every; // x, [S, B, ...]
    {
        at::AutoGradMode recording(false);
        const auto out = logits(w, x, Mode::eval, {});
        directions = cotangents(out);
        std::vector<int64_t> shape(x.sizes().begin(), x.sizes().end());
        if (x.dim() == input_dims_ + 1) shape.insert(shape.begin(), replicas);
        every = x.expand(shape);
    }
    auto sum = at::zeros_like(w.theta);
    const int64_t examples = every.size(1), chunk = std::max<int64_t>(1, (int64_t{1} << 24) / (replicas * columns));
    for (int64_t first = 0; first < examples; first += chunk) {
        const int64_t n = std::min(chunk, examples - first);
        // Each example is a replica of its own, with one row.
        const Weights repeated{w.theta.repeat_interleave(n, 0), w.stats.defined() ? w.stats.repeat_interleave(n, 0) : w.stats};
        const auto rows = every.narrow(1, first, n).flatten(0, 1).unsqueeze(1);
        for (const auto& direction : directions) {
            const auto d = direction.narrow(1, first, n).flatten(0, 1).unsqueeze(1);
            const auto each = gradient(repeated, rows, Mode::eval, {}, [&](const at::Tensor&) { return d; });
            sum.add_((absolute ? each.abs() : each.square()).view({replicas, n, columns}).sum(1));
        }
    }
    return sum;
}

std::unique_ptr<Network> make_network(const NetworkSpec& spec, const std::vector<int64_t>& input_shape, int64_t classes) {
    if (spec.kind != "mlp") throw std::runtime_error("network: kind \"" + spec.kind + "\" is not known; \"mlp\" would be right");
    return std::make_unique<Mlp>(spec, input_shape, classes);
}

} // namespace mneme::bench
