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
    return static_cast<double>(
        c10::cuda::CUDACachingAllocator::getDeviceStats(c10::cuda::current_device())
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
void leave_default_stream() { c10::cuda::setCurrentCUDAStream(c10::cuda::getStreamFromPool()); }
void free_unused() { c10::cuda::CUDACachingAllocator::emptyCache(); }

// A program can make each of these itself; they come back at the next try.
bool own_doing(cudaError_t error) {
    switch (error) {
        case cudaSuccess:
        case cudaErrorMemoryAllocation:
        case cudaErrorInvalidValue:
        case cudaErrorInvalidConfiguration:
        case cudaErrorInvalidDeviceFunction:
        case cudaErrorInvalidKernelImage:
        case cudaErrorNoKernelImageForDevice:
        case cudaErrorIllegalAddress:
        case cudaErrorMisalignedAddress:
        case cudaErrorInvalidAddressSpace:
        case cudaErrorInvalidPc:
        case cudaErrorIllegalInstruction:
        case cudaErrorAssert:
        case cudaErrorLaunchFailure:
        case cudaErrorLaunchTimeout:
        case cudaErrorLaunchOutOfResources: return true;
        default: return false;
    }
}
const char* lost_because() {
    const auto error = cudaDeviceSynchronize();
    return own_doing(error) ? nullptr : cudaGetErrorString(error);
}

} // namespace
} // namespace mneme::host

extern "C" __attribute__((visibility("default"))) const mneme::host::CudaHalf* mneme_cuda_half() {
    using namespace mneme::host;
    static const CudaHalf half{cuda_kernel_table(),
                               fault,
                               stream,
                               peak_bytes,
                               device_name,
                               driver_version,
                               runtime_version,
                               leave_default_stream,
                               make_cuda_graph,
                               free_unused,
                               cuda_linear(stream),
                               lost_because};
    return &half;
}
