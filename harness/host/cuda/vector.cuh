// SPDX-License-Identifier: Apache-2.0
// Several neighbouring floats at once: one wide access to memory in place of four. And sums over
// the lanes of a warp.
#pragma once

#include <cstdint>

namespace mneme::host {

template <int V> struct Some { float v[V]; };
template <int V> __device__ Some<V> some(const float* from) {
    Some<V> out;
    if constexpr (V == 4)
        *reinterpret_cast<float4*>(out.v) = *reinterpret_cast<const float4*>(from);
    else out.v[0] = *from;
    return out;
}
template <int V> __device__ void put(float* to, const float (&values)[V]) {
    if constexpr (V == 4) *reinterpret_cast<float4*>(to) = *reinterpret_cast<const float4*>(values);
    else *to = values[0];
}

constexpr int warp = 32;

template <class T> __device__ T sum_of_warp(T value) { // in one order, in every lane
    for (int step = warp / 2; step > 0; step /= 2) value += __shfl_xor_sync(~0u, value, step);
    return value;
}

// Whether rows of so many floats, beginning at these places, can be read four at a time.
template <class... P> bool in_fours(int64_t size, const P*... rows) {
    return size % 4 == 0 && ((reinterpret_cast<uintptr_t>(rows) | ...) % 16 == 0);
}

} // namespace mneme::host
