// SPDX-License-Identifier: Apache-2.0
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include "host/cuda/half.hpp"

namespace mneme::host {
namespace {

const char* fault() {
    int devices = 0;
    const auto error = cudaGetDeviceCount(&devices);
    if (error != cudaSuccess) return cudaGetErrorString(error);
    return devices > 0 ? nullptr : "no GPU is there";
}
void* stream() { return c10::cuda::getCurrentCUDAStream().stream(); }
double peak_bytes() {
    using c10::CachingAllocator::StatType;
    return static_cast<double>(c10::cuda::CUDACachingAllocator::getDeviceStats(c10::cuda::current_device())
                                   .allocated_bytes[static_cast<std::size_t>(StatType::AGGREGATE)]
                                   .peak);
}
const char* device_name() {
    static cudaDeviceProp properties{};
    int device = 0;
    cudaGetDevice(&device);
    cudaGetDeviceProperties(&properties, device);
    return properties.name;
}
int driver_version() {
    int version = 0;
    cudaDriverGetVersion(&version);
    return version;
}
int runtime_version() {
    int version = 0;
    cudaRuntimeGetVersion(&version);
    return version;
}

} // namespace
} // namespace mneme::host

extern "C" __attribute__((visibility("default"))) const mneme::host::CudaHalf* mneme_cuda_half() {
    using namespace mneme::host;
    static const CudaHalf half{cuda_kernel_table(), fault, stream, peak_bytes, device_name, driver_version, runtime_version};
    return &half;
}
