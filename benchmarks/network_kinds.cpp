// SPDX-License-Identifier: Apache-2.0
#include <benchmarks/network_kinds.hpp>

#include <algorithm>

#include <benchmarks/layer_plan.hpp>
#include <benchmarks/tasks.hpp>

#include "given_weights.hpp"

namespace mneme::bench {

const std::vector<NetworkKind>& network_kinds() {
    static const std::vector<NetworkKind> kinds{
        {NetworkName::mlp, "fully connected layers with ReLU and dropout between them"},
        {NetworkName::zenke_cnn,
         "four 3x3 convolutions in two pairs, a layer of 512, dropout of its own"},
        {NetworkName::resnet18, "ResNet-18 reduced to nf, 2 nf, 4 nf and 8 nf channels"},
        {NetworkName::text_cnn,
         "convolutions over 3, 4 and 5 words, the largest value of each filter"},
        {NetworkName::linear, "the head alone, a linear layer over the inputs"},
        {NetworkName::vit, "a vision transformer: patches, blocks of attention, the first token"},
        {NetworkName::layers, "a list of layers of your own, [[network.layer]]"},
    };
    return kinds;
}

namespace {

// The key that a fault of the list is due to; of vit, whose list is made, one of [network].
std::string key_of(const LayerFault& fault, const NetworkSpec& n) {
    const std::string last = fault.key.substr(fault.key.rfind('.') + 1);
    const bool of_layer = fault.key.rfind("network.layer", 0) == 0;
    if (n.kind == NetworkName::layers || !of_layer) return fault.key;
    return last == "size" ? "network.patch" : last == "heads" ? "network.heads" : "network.kind";
}

// Whether a channel of one of them has one value an example.
bool normalise_one_value(const std::vector<PlannedLayer>& layers) {
    return std::any_of(layers.begin(), layers.end(), [](const PlannedLayer& p) {
        const bool one = p.in.size() == 1 || (p.in.size() == 3 && p.in[1] * p.in[2] == 1);
        return (p.spec.kind == LayerName::norm && p.spec.over == NormOver::batch && one &&
                !p.frozen) ||
               normalise_one_value(p.layers) || normalise_one_value(p.shortcut);
    });
}

} // namespace

std::optional<SpecFault> layer_fault(const Spec& spec) {
    const NetworkSpec& n = spec.network;
    if (n.kind != NetworkName::layers && n.kind != NetworkName::vit && n.weights.empty()) return {};
    if (n.kind == NetworkName::layers && n.layer.empty())
        return SpecFault{"network.kind",
                         "kind is \"layers\" and no layer is given; expected [[network.layer]] "
                         "tables, the first with kind = \"flatten\", \"conv\" or \"patches\""};
    const auto shape = input_shape(spec);
    if (shape.empty()) return {};
    try {
        const auto all = tensors_of(n, shape, head_width(spec));
        if (!n.weights.empty()) given_weights(n, all.tensors, all.stats);
    } catch (const LayerFault& fault) {
        return SpecFault{key_of(fault, n), fault.what()};
    } catch (const std::runtime_error& fault) { // the file is not one
        return SpecFault{"network.weights", fault.what()};
    }
    return {};
}

bool normalises_one_value(const Spec& spec) {
    const std::string& norm = spec.network.norm;
    const bool over_batch =
        norm == NormKind::batch || norm == NormKind::batch_stats || norm == NormKind::batch_frozen;
    const auto shape = input_shape(spec);
    if (spec.network.kind == NetworkName::layers)
        return !shape.empty() &&
               normalise_one_value(plan_network(spec.network, shape, head_width(spec)).layers);
    if (spec.network.kind != NetworkName::resnet18 || !over_batch || shape.size() != 3)
        return false;
    int64_t rows = shape[1], columns = shape[2];
    for (int stage = 1; stage < 4; ++stage) { // each of stride 2 (resnet.cpp)
        rows = (rows - 1) / 2 + 1;
        columns = (columns - 1) / 2 + 1;
    }
    return rows * columns == 1;
}

} // namespace mneme::bench
