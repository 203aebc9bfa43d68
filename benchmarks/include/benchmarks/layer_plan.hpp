// SPDX-License-Identifier: Apache-2.0
// A list of layers with every shape worked out, before anything is computed: the tensors, their
// names, what each layer costs, which dimensions can be permuted. No LibTorch here.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmarks/layer.hpp>
#include <benchmarks/spec.hpp>

namespace mneme::bench {

// Of one example: {numbers}, {channels, rows, columns} of an image, or {tokens, numbers}.
using ExampleShape = std::vector<int64_t>;

struct PlannedLayer {
    LayerSpec spec; // with kernel, stride, groups and bias filled in; without the layers inside
    std::string name, number; // number: "3.1", the first of the third's
    ExampleShape in, out;
    // Indices of tensors, -1: none. Of norm: scale and shift. Of attention weight [3 width, width]
    // makes queries, keys and values, and last the output.
    int64_t weight = -1, bias = -1, last_weight = -1, last_bias = -1, token = -1, positions = -1;
    int64_t mean = -1, variance = -1; // indices of stats
    int64_t place = -1;               // of dropout
    bool frozen = false;
    int64_t multiply_adds = 0; // of one example, without those of the layers inside
    std::vector<PlannedLayer> layers, shortcut;
};

struct NetworkPlan {
    std::vector<PlannedLayer> layers; // the head is the last
    std::vector<Layer> tensors, stats;
    std::vector<int64_t> groups; // sizes
    std::vector<double> rates;   // of each dropout place
    std::vector<int64_t> widths; // numbers of an example at each dropout place
};

// What does not fit, and at which key: "network.layer.2.kernel" counts from 0.
class LayerFault final : public std::runtime_error {
  public:
    LayerFault(std::string place, const std::string& sentence)
        : std::runtime_error(sentence), key(std::move(place)) {}
    const std::string key;
};

// Whether the network can be written down as a list: every kind but text-cnn, and resnet18 without
// norm "batch_stats".
bool has_layer_list(const NetworkSpec&);
// The layers of the spec's kind, for a stream of examples of this shape; those of "layers" as they
// are. Throws LayerFault.
std::vector<LayerSpec> layer_list(const NetworkSpec&, const ExampleShape& input);
// Throws LayerFault.
NetworkPlan plan_network(const NetworkSpec&, const ExampleShape& input, int64_t classes);

// Every tensor and every running value of a network, by name, of kinds that are no list as well.
// Throws LayerFault.
struct NetworkTensors {
    std::vector<Layer> tensors, stats;
};
NetworkTensors tensors_of(const NetworkSpec&, const ExampleShape& input, int64_t classes);

std::string in_words(const ExampleShape&); // "an image of 3 x 32 x 32"

} // namespace mneme::bench
