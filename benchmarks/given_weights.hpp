// SPDX-License-Identifier: Apache-2.0
// The values of [network] weights, tensor by tensor. Private to this room.
#pragma once

#include <vector>

#include <benchmarks/layer_plan.hpp>

namespace mneme::bench {

// Of each tensor in order; an empty one starts as `init` says.
struct GivenWeights {
    std::vector<std::vector<float>> tensors, stats;
};

// Throws LayerFault of network.weights, network.names, network.unused or network.frozen where a
// tensor has no counterpart in the file of its shape (the head may be missing), or one of the file
// no place in the network; where values are not finite; where a pattern fits nothing or the head is
// frozen; where the file has changed since weights_sha256 was taken. Sizes of 1 in front of a shape
// do not count. std::runtime_error for a file that is not one.
GivenWeights given_weights(const NetworkSpec&, const std::vector<Layer>& tensors,
                           const std::vector<Layer>& stats);

} // namespace mneme::bench
