// SPDX-License-Identifier: Apache-2.0
#include "worker/geometry/stored_networks.hpp"

#include <cmath>

#include <ATen/ATen.h>

#include "worker/kept_weights.hpp"

namespace mneme::harness {
namespace {

std::size_t method_of_plugin(const results::Block& block, const std::string& id) {
    for (std::size_t m = 0; m < block.methods.size(); ++m) {
        const auto texts = block.provenance.find(block.methods[m]);
        if (texts != block.provenance.end() && texts->second.count("plugin_id") &&
            texts->second.at("plugin_id") == id)
            return m;
    }
    return block.methods.size();
}

} // namespace

StoredNetworks::StoredNetworks(const results::Block& block)
    : block_(block), joint_(method_of_plugin(block, "joint")) {}

bool StoredNetworks::has_joint() const { return joint_ < block_.methods.size(); }

bool StoredNetworks::any(std::size_t m, std::size_t n) const {
    const std::size_t last = block_.weights.shape[3] - 1;
    for (std::size_t t = 0; t < block_.tasks.size(); ++t)
        if (!std::isnan(block_.weights.at({m, n, t, last}))) return true;
    return false;
}

at::Tensor StoredNetworks::unpacked(const results::Array<float>& from, std::size_t row,
                                    const std::vector<bench::Layer>& layers, int64_t columns,
                                    at::Device device) const {
    const std::size_t size = from.shape[3];
    const auto packed = at::from_blob(const_cast<float*>(from.data.data() + row * size),
                                      {1, static_cast<int64_t>(size)}, at::kFloat);
    return with_padding(layers, columns, packed).to(device);
}

std::vector<bench::Weights> StoredNetworks::of_run(std::size_t m, std::size_t n,
                                                   const bench::Network& network,
                                                   at::Device device) const {
    const std::size_t N = block_.seeds.size(), T = block_.tasks.size();
    std::vector<bench::Weights> all(T);
    for (std::size_t t = 0; t < T; ++t) {
        const std::size_t row = (m * N + n) * T + t;
        if (std::isnan(block_.weights.at({m, n, t, block_.weights.shape[3] - 1}))) continue;
        all[t].theta = unpacked(block_.weights, row, network.layers(), network.columns(), device);
        all[t].stats = network.stats_columns() == 0
                           ? at::empty({1, 0}, all[t].theta.options())
                           : unpacked(block_.weight_statistics, row, network.stats_layers(),
                                      network.stats_columns(), device);
    }
    return all;
}

bench::Weights StoredNetworks::of_all_tasks(std::size_t n, const bench::Network& network,
                                            at::Device device) const {
    return has_joint() ? of_run(joint_, n, network, device).back() : bench::Weights{};
}

} // namespace mneme::harness
