// SPDX-License-Identifier: Apache-2.0
// What libmneme_cuda.so gives the worker.
#pragma once

#include <benchmarks/linear.hpp>

#include "host/kernels.hpp"

namespace mneme::host {

struct CudaHalf {
    Kernels kernels;
    const char* (*fault)(); // why no GPU can be used here, or null
    void* (*stream)();      // LibTorch's current stream
    double (*peak_bytes)();
    const char* (*device_name)();
    int (*driver_version)(), (*runtime_version)(); // 13000 is 13.0
    void (*leave_default_stream)();                // of this thread: work there cannot be recorded
    std::unique_ptr<Graph> (*graph)();
    void (*free_unused)();
    bench::LinearKernels linear;
    const char* (*lost_because)(); // null: it answers, or what failed was the program's doing
};

Kernels cuda_kernel_table();                         // kernels.cu
bench::LinearKernels cuda_linear(void* (*stream)()); // linear.cu
std::unique_ptr<Graph> make_cuda_graph();            // graph.cpp

} // namespace mneme::host
