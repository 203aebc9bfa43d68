// SPDX-License-Identifier: Apache-2.0
// Where a tensor's values lie, for plugins with CUDA kernels of their own. Launch on `stream()` and
// do not wait for it: a step may be captured. sdk/examples/finetune_cuda.cu uses it.
#pragma once

#include <mneme/tensor.hpp>

namespace mneme::device {

inline const mneme_device_api& api() {
    if (!border::tables.device)
        throw Error(
            "device: this host gives no addresses (mneme.device/1); do without, or use another "
            "host",
            MNEME_STATE);
    return *border::tables.device;
}
inline bool is_cuda(const Tensor& t) { return api().is_cuda(t.handle()) != 0; }

// The first of its values, row-major. As long as a handle on the tensor is kept.
template <class T> T* data(const Tensor& t) {
    void* first = api().data(t.handle());
    if (!first)
        throw Error("device: the tensor's values do not lie in row-major order; clone it before",
                    MNEME_ARGUMENT);
    return static_cast<T*>(first);
}

// The current cudaStream_t; null on a CPU.
inline void* stream() { return api().stream(); }

} // namespace mneme::device
