// SPDX-License-Identifier: Apache-2.0
#include "worker/kept_weights.hpp"

#include <ATen/ATen.h>

#include "protocol/json.hpp"

namespace mneme::harness {
namespace {

const char* kind_name(bench::LayerKind kind) {
    switch (kind) {
        case bench::LayerKind::weight: return "weight";
        case bench::LayerKind::bias: return "bias";
        case bench::LayerKind::scale: return "scale";
        case bench::LayerKind::shift: return "shift";
    }
    return "unknown";
}

void list_layers(protocol::Json& to, const std::vector<bench::Layer>& layers, const char* array) {
    int64_t offset = 0;
    for (const auto& layer : layers) {
        to.push_back({{"name", layer.name},
                      {"kind", kind_name(layer.kind)},
                      {"shape", layer.shape},
                      {"offset", offset},
                      {"of", array}});
        offset += layer.numel;
    }
}

} // namespace

std::string network_layers(const bench::Network& network) {
    auto layers = protocol::Json::array();
    list_layers(layers, network.whole().layers(), "weights");
    list_layers(layers, network.whole().stats_layers(), "weight_statistics");
    return layers.dump();
}

int64_t entries(const std::vector<bench::Layer>& layers) {
    int64_t all = 0;
    for (const auto& layer : layers) all += layer.numel;
    return all;
}

at::Tensor without_padding(const std::vector<bench::Layer>& layers, const at::Tensor& rows) {
    std::vector<at::Tensor> parts;
    for (const auto& layer : layers) parts.push_back(rows.narrow(1, layer.offset, layer.numel));
    if (parts.empty()) return at::empty({rows.size(0), 0}, at::kFloat);
    return at::cat(parts, 1).to(at::kCPU, at::kFloat).contiguous();
}

at::Tensor with_padding(const std::vector<bench::Layer>& layers, int64_t columns,
                        const at::Tensor& packed) {
    auto rows = at::zeros({packed.size(0), columns}, packed.options());
    int64_t offset = 0;
    for (const auto& layer : layers) {
        rows.narrow(1, layer.offset, layer.numel).copy_(packed.narrow(1, offset, layer.numel));
        offset += layer.numel;
    }
    return rows;
}

} // namespace mneme::harness
