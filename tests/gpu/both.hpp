// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gpu.hpp"

#include <ATen/ATen.h>

namespace mneme::test {

struct Both { // the same values on the CPU and on the GPU
    at::Tensor cpu, gpu;
    explicit Both(at::Tensor t) : cpu(t.contiguous()), gpu(cpu.to(at::kCUDA)) {}
    bool equal() const { return at::equal(cpu, gpu.to(at::kCPU)); }
};

} // namespace mneme::test
