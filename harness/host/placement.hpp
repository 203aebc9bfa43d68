// SPDX-License-Identifier: Apache-2.0
// Where the runs of a cell lie, and who computes there.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "host/kernels.hpp"

namespace mneme::host {

struct Placement {
    int64_t replicas;
    at::Device device;

    const Kernels& kernels() const { return device.is_cuda() ? cuda_kernels() : cpu_kernels; }
    void* stream() const { return device.is_cuda() ? cuda_stream() : nullptr; }
    double peak_device_bytes() const { return device.is_cuda() ? cuda_peak_bytes() : 0; }
    at::TensorOptions of(at::ScalarType type) const { return at::device(device).dtype(type); }
};

} // namespace mneme::host
