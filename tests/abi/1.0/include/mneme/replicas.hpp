// SPDX-License-Identifier: Apache-2.0
// Products and factorisations of matrices whose bits would depend on how many replicas stand beside
// one another, or on where a matrix begins. On a CPU replicas are done one after the other on
// operands that lie as if the replica were alone; elsewhere all at once.
#pragma once

#include <cstdint>
#include <vector>

#include <mneme/tensor.hpp>

namespace mneme {

namespace border {
inline bool on_device(const Tensor& t) {
    return tables.device && tables.device->is_cuda(t.handle()) != 0;
}
inline Tensor aligned(const Tensor& t) {
    const void* data =
        tables.device ? tables.device->data(t.handle()) : nullptr; // null unless contiguous
    return data && reinterpret_cast<std::uintptr_t>(data) % 64 == 0 ? t : t.clone();
}
} // namespace border

// f(inputs) with every input [S, ...], a list of tensors [S, ...].
template <class F> std::vector<Tensor> each_replica(const std::vector<Tensor>& inputs, F&& f) {
    if (border::on_device(inputs[0])) return f(inputs);
    std::vector<std::vector<Tensor>> results; // of each output, of each replica
    for (int64_t s = 0, replicas = inputs[0].size(0); s < replicas; ++s) {
        std::vector<Tensor> own;
        for (const auto& input : inputs)
            own.push_back(border::aligned(replicas == 1 ? input : input.narrow(0, s, 1)));
        const std::vector<Tensor> values = f(static_cast<const std::vector<Tensor>&>(own));
        results.resize(values.size());
        for (std::size_t k = 0; k < values.size(); ++k) results[k].push_back(values[k]);
    }
    std::vector<Tensor> joined;
    for (const auto& parts : results)
        joined.push_back(parts.size() == 1 ? parts[0] : cat(parts, 0));
    return joined;
}

// a b of each replica's own matrices: [S, n, k] and [S, k, m].
inline Tensor each_matmul(const Tensor& a, const Tensor& b) {
    return each_replica({a, b},
                        [](const auto& in) { return std::vector<Tensor>{in[0].matmul(in[1])}; })[0];
}

} // namespace mneme
