// SPDX-License-Identifier: Apache-2.0
// One replica's part of a batch of replicas, lying as it would if the replica were alone: some
// products give other bits for operands that are not aligned.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/ATen.h>

#include <benchmarks/layer.hpp>

namespace mneme::bench {

constexpr int64_t every = -1; // in place of a replica: all of them at once

inline bool aligned(const at::Tensor& t) {
    return reinterpret_cast<uintptr_t>(t.data_ptr()) % 64 == 0;
}
inline at::Tensor alone(const at::Tensor& t) {
    return aligned(t) && t.is_contiguous() ? t : t.clone(at::MemoryFormat::Contiguous);
}
inline at::Tensor part_of(const at::Tensor& t, int64_t replica) {
    return replica == every ? t : alone(t.select(0, replica));
}

// One entry a replica, or one for all.
inline std::vector<int64_t> parts_of(const at::Tensor& theta, bool looped) {
    if (!looped) return {every};
    std::vector<int64_t> replicas;
    for (int64_t s = 0; s < theta.size(0); ++s) replicas.push_back(s);
    return replicas;
}

// theta so that every layer of every row is aligned.
inline at::Tensor aligned_rows(const at::Tensor& theta) {
    const bool fits = theta.stride(1) == 1 && aligned(theta) &&
                      theta.stride(0) * int64_t(theta.element_size()) % 64 == 0;
    return fits ? theta : theta.clone(at::MemoryFormat::Contiguous);
}

// The entries of a layer in one row of [S, P], or in all rows.
inline at::Tensor entries(const at::Tensor& rows, int64_t replica, int64_t offset, int64_t out,
                          int64_t in) {
    const int64_t first = rows.storage_offset() + offset;
    if (replica == every)
        return rows.as_strided({rows.size(0), out, in}, {rows.stride(0), in, 1}, first);
    return rows.as_strided({out, in}, {in, 1}, first + replica * rows.stride(0));
}
inline at::Tensor entries(const at::Tensor& rows, int64_t replica, int64_t offset, int64_t size) {
    const int64_t first = rows.storage_offset() + offset;
    if (replica == every) return rows.as_strided({rows.size(0), size}, {rows.stride(0), 1}, first);
    return rows.as_strided({size}, {1}, first + replica * rows.stride(0));
}

// Of two matrices, or of two of each replica.
inline at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
    return a.dim() == 2 ? at::mm(a, b) : at::bmm(a, b);
}

// The layers among the parts that Network::cuts() cuts a row into: those between are padding. No
// gradient of a frozen layer is asked for.
inline std::vector<at::Tensor> pieces_of(const std::vector<at::Tensor>& cut,
                                         const std::vector<Layer>& layers) {
    std::vector<at::Tensor> pieces;
    std::size_t next = 0;
    for (const auto& layer : layers) {
        pieces.push_back(layer.frozen ? cut[next].detach() : cut[next]);
        next += padding_behind(layer.numel) > 0 ? 2 : 1;
    }
    return pieces;
}

} // namespace mneme::bench
