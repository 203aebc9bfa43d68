// SPDX-License-Identifier: Apache-2.0
// What libmneme_cuda.so gives the worker.
#pragma once

#include "host/kernels.hpp"

namespace mneme::host {

struct CudaHalf {
    Kernels kernels;
    const char* (*fault)(); // why no GPU can be used here, or null
    void* (*stream)();      // LibTorch's current stream
    double (*peak_bytes)();
    const char* (*device_name)();
    int (*driver_version)(), (*runtime_version)(); // 13000 is 13.0
};

Kernels cuda_kernel_table(); // kernels.cu

} // namespace mneme::host
