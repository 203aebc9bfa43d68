// SPDX-License-Identifier: Apache-2.0
// How the tensors of a network lie in a row of its weights.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mneme::bench {

enum class LayerKind { weight, bias, scale, shift };

constexpr int64_t padding_behind(int64_t numel) {
    return (16 - numel % 16) % 16;
} // floats, to where the next tensor begins

// How one tensor lies in a row of theta. Offsets are multiples of 16 floats; padding is zero and
// stays zero. Weights are [out, in], row-major: on one core [in, out] made the products with a
// 10-wide head twice as slow, at every batch size; those of convolutions [out, in, rows, columns].
// Where shape[1] is a multiple of the size of in_group (a linear layer behind a flattening), each
// unit of the group has a block of shape[1] / size neighbouring columns.
struct Layer {
    std::string name;
    std::vector<int64_t> shape;
    LayerKind kind = LayerKind::weight;
    int64_t in_group = -1, out_group = -1; // hidden dimension of each axis, -1: none
    int64_t offset = 0, numel = 0, fan_in = 0, fan_out = 0;
    bool frozen = false; // of a layer that [network] frozen names: no method moves it
};

// Lays `layer` out behind what is there, aligned; `columns` grows. Returns its index.
std::size_t lay_out(Layer, std::vector<Layer>&, int64_t& columns);

} // namespace mneme::bench
