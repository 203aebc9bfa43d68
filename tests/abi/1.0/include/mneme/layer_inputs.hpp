// SPDX-License-Identifier: Apache-2.0
// What enters each layer with weights: for methods that keep to directions of the inputs.
#pragma once

#include <mneme/net.hpp>

namespace mneme {

// Of x [S, B, D]: for each layer of kind weight, in the order of Net::layers(), [S, rows, fan_in].
// A linear layer has a row for each example; a convolution one for each example and place (examples
// first), unfolded as its weights lie. So the layer's outputs are inputs W^T + bias. Nothing is
// recorded for derivatives; legal in a step that is captured.
inline std::vector<Tensor> layer_inputs(const Net& net, const Weights& w, const Tensor& x,
                                        Mode mode = Mode::eval) {
    auto& api = border::required(border::tables.layers, "layer_inputs", "mneme.layers/1");
    int32_t count = 0;
    std::vector<mneme_tensor*> out(net.layers().size(), nullptr);
    border::call(api.inputs, net.raw(), w.theta.handle(), w.stats.handle(), x.handle(),
                 static_cast<int32_t>(mode), out.data(), static_cast<int32_t>(out.size()), &count);
    std::vector<Tensor> result;
    for (int32_t k = 0; k < count; ++k) result.emplace_back(out[static_cast<std::size_t>(k)]);
    return result;
}

} // namespace mneme
