// SPDX-License-Identifier: Apache-2.0
// What every network has: the layout of its weights, their first values, and gradients by
// recording. A network may do better.
#include <base/text.hpp>
#include <benchmarks/network.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <benchmarks/random.hpp>

#include "convolutional.hpp"
#include "given_weights.hpp"
#include "layer_list.hpp"
#include "mlp.hpp"
#include "name_pattern.hpp"
#include "partly_frozen.hpp"

namespace mneme::bench {

Network::Network() = default;
Network::~Network() = default;

int64_t Network::parameters() const {
    int64_t sum = 0;
    for (const auto& layer : layers_) sum += layer.numel;
    return sum;
}

void Network::begin(const NetworkSpec& spec, const std::vector<int64_t>& input_shape,
                    int64_t classes) {
    init_ = spec.init;
    frozen_ = spec.frozen;
    classes_ = classes;
    input_shape_ = input_shape;
    inputs_ = 1;
    for (int64_t size : input_shape) inputs_ *= size;
    if (inputs_ < 1 || classes < 1)
        throw std::runtime_error("network: " + std::to_string(inputs_) + " inputs and " +
                                 std::to_string(classes) +
                                 " classes; expected at least one of each");
}

std::size_t Network::add(Layer layer) {
    layer.frozen = is_frozen(frozen_, layer_of(layer.name));
    return lay_out(std::move(layer), layers_, columns_);
}
std::size_t Network::add_stats(Layer layer) {
    layer.frozen = is_frozen(frozen_, layer_of(layer.name));
    return lay_out(std::move(layer), stats_layers_, stats_columns_);
}

std::vector<int64_t> Network::cuts() const {
    std::vector<int64_t> sizes;
    for (const auto& layer : layers_) {
        sizes.push_back(layer.numel);
        if (const int64_t padding = padding_behind(layer.numel)) sizes.push_back(padding);
    }
    return sizes;
}

at::Tensor Network::checked(const Weights& w, const at::Tensor& x) const {
    if (w.theta.dim() != 2 || w.theta.size(1) != columns_)
        throw std::runtime_error("network: weights of another shape; expected [replicas, " +
                                 std::to_string(columns_) + "]");
    const int64_t replicas = w.theta.size(0);
    if (stats_columns_ > 0 &&
        (w.stats.dim() != 2 || w.stats.size(0) != replicas || w.stats.size(1) != stats_columns_))
        throw std::runtime_error("network: running statistics of another shape; expected [" +
                                 std::to_string(replicas) + ", " + std::to_string(stats_columns_) +
                                 "], a row for each row of weights");
    if ((x.dim() != 2 && x.dim() != 3) || (x.dim() == 3 && x.size(0) != replicas))
        throw std::runtime_error(
            "network: inputs for another number of replicas; expected [rows, ...] or [" +
            std::to_string(replicas) + ", rows, ...]");
    if (x.size(-1) != inputs_)
        throw std::runtime_error("network: inputs of " + std::to_string(x.size(-1)) +
                                 " numbers; expected " + std::to_string(inputs_));
    const bool shared = x.dim() == 3 && replicas > 1 && x.stride(0) == 0; // one batch for all
    return (shared ? x[0] : x).to(w.theta.scalar_type());
}

namespace {

void overwrite(const at::Tensor& row, const std::vector<Layer>& layers,
               const std::vector<std::vector<float>>& given) {
    for (std::size_t l = 0; l < layers.size(); ++l)
        std::copy(given[l].begin(), given[l].end(), row.data_ptr<float>() + layers[l].offset);
}

} // namespace

void Network::start_from(GivenWeights given) {
    given_ = std::make_unique<GivenWeights>(std::move(given));
}

bool Network::is_given(std::size_t layer) const {
    return given_ && !given_->tensors[layer].empty();
}

at::Tensor Network::initial(int64_t seed) const {
    auto row = at::zeros({columns_}, at::kFloat);
    const PhiloxKey key{uint32_t(seed), purpose("mneme/init")};
    int64_t element = 0;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        const Layer& layer = layers_[l];
        if (layer.kind == LayerKind::scale || layer.kind == LayerKind::shift) {
            row.narrow(0, layer.offset, layer.numel).fill_(layer.kind == LayerKind::scale ? 1 : 0);
            element += layer.numel;
            continue;
        }
        const bool glorot = init_ == InitKind::glorot;
        const double bound = glorot ? (layer.kind == LayerKind::weight
                                           ? std::sqrt(6.0 / double(layer.fan_in + layer.fan_out))
                                           : 0.0)
                                    : 1.0 / std::sqrt(double(layer.fan_in));
        float* out = row.data_ptr<float>() + layer.offset;
        for (int64_t i = 0; i < layer.numel; ++i, ++element) {
            const Philox4 bits = philox(key, uint32_t(element / 4), {uint32_t(l), 0, 0});
            out[i] = float(bound * (2.0 * double(uniform_of(bits.v[element % 4])) - 1.0));
        }
    }
    if (given_) overwrite(row, layers_, given_->tensors);
    return row;
}

at::Tensor Network::initial_stats() const {
    auto row = at::zeros({stats_columns_}, at::kFloat);
    for (const auto& layer : stats_layers_)
        if (layer.kind == LayerKind::scale) row.narrow(0, layer.offset, layer.numel).fill_(1);
    if (given_) overwrite(row, stats_layers_, given_->stats);
    return row;
}

at::Tensor Network::gradient(const Weights& w, const at::Tensor& x, Mode mode,
                             const Dropout& dropout, const Cotangent& cotangent) const {
    at::AutoGradMode recording(true);
    const auto theta = w.theta.detach().requires_grad_();
    const auto out = logits({theta, w.stats, w.weight}, x, mode, dropout);
    return torch::autograd::grad({out}, {theta}, {cotangent(out.detach())})[0];
}

at::Tensor Network::per_sample(const Weights& w, const at::Tensor& x, const Cotangents& cotangents,
                               bool absolute) const {
    const int64_t replicas = w.theta.size(0), columns = w.theta.size(1);
    std::vector<at::Tensor> directions;
    at::Tensor every; // x, [S, B, ...]
    {
        at::AutoGradMode recording(false);
        const auto out = logits(w, x, Mode::eval, {});
        directions = cotangents(out);
        std::vector<int64_t> shape(x.sizes().begin(), x.sizes().end());
        if (x.dim() == 2) shape.insert(shape.begin(), replicas);
        every = x.expand(shape);
    }
    auto sum = at::zeros_like(w.theta);
    const int64_t examples = every.size(1),
                  chunk = std::max<int64_t>(1, (int64_t{1} << 24) / (replicas * columns));
    for (int64_t first = 0; first < examples; first += chunk) {
        const int64_t n = std::min(chunk, examples - first);
        // Each example is a replica of its own, with one row.
        const Weights repeated{w.theta.repeat_interleave(n, 0),
                               w.stats.defined() ? w.stats.repeat_interleave(n, 0) : w.stats};
        const auto rows = every.narrow(1, first, n).flatten(0, 1).unsqueeze(1);
        for (const auto& direction : directions) {
            const auto d = direction.narrow(1, first, n).flatten(0, 1).unsqueeze(1);
            const auto each =
                gradient(repeated, rows, Mode::eval, {}, [&](const at::Tensor&) { return d; });
            sum.add_((absolute ? each.abs() : each.square()).view({replicas, n, columns}).sum(1));
        }
    }
    return sum;
}

namespace {

std::unique_ptr<Network> of_kind(const NetworkSpec& spec, const std::vector<int64_t>& input_shape,
                                 int64_t classes) {
    const auto kinds = NetworkName::all();
    if (std::find(kinds.begin(), kinds.end(), spec.kind) == kinds.end())
        throw std::runtime_error("network: kind \"" + spec.kind +
                                 "\" is not known; expected one of " + base::joined(kinds));
    if (spec.kind == NetworkName::zenke_cnn) return zenke_cnn(spec, input_shape, classes);
    if (spec.kind == NetworkName::resnet18) return resnet18(spec, input_shape, classes);
    if (spec.kind == NetworkName::text_cnn) return text_cnn(spec, input_shape, classes);
    auto plan = plan_network(spec, input_shape, classes);
    if (Mlp::computes(plan)) return std::make_unique<Mlp>(spec, input_shape, classes, plan);
    return std::make_unique<LayerList>(spec, input_shape, classes, std::move(plan));
}

} // namespace

std::unique_ptr<Network> make_network(const NetworkSpec& spec,
                                      const std::vector<int64_t>& input_shape, int64_t classes) {
    try {
        auto network = of_kind(spec, input_shape, classes);
        if (spec.weights.empty()) return network;
        network->start_from(given_weights(spec, network->layers(), network->stats_layers()));
        if (spec.frozen.empty()) return network;
        return std::make_unique<PartlyFrozen>(std::move(network));
    } catch (const LayerFault& fault) {
        throw std::runtime_error("network: " + std::string(fault.what()));
    }
}

} // namespace mneme::bench
