// SPDX-License-Identifier: Apache-2.0
// How kernels are launched: blocks of so many threads over [replicas, numbers], and the stream.
#pragma once

#include <cstdint>

#include <cuda_runtime.h>

namespace mneme::host {

constexpr int threads = 256;

// x runs over the numbers of a replica, y over replicas.
inline dim3 grid(int64_t per_replica, int64_t replicas) {
    return {static_cast<unsigned>((per_replica + threads - 1) / threads),
            static_cast<unsigned>(replicas), 1};
}
inline cudaStream_t on(void* stream) { return static_cast<cudaStream_t>(stream); }

} // namespace mneme::host
