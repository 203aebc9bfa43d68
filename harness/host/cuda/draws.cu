// SPDX-License-Identifier: Apache-2.0
// Numbers drawn on a GPU, each by its place: those of cpu_kernels.cpp, to the last bit (compiled
// with -fmad=false).
#include "host/cuda/draws.hpp"

#include <benchmarks/normal.hpp>

#include "host/cuda/launch.cuh"

namespace mneme::host::cuda {
namespace {

using bench::Philox4;

struct ToUniform {
    __device__ float operator()(uint32_t bits) const { return bench::uniform_of(bits); }
};
struct ToBits {
    __device__ int64_t operator()(uint32_t bits) const { return bits; }
};
struct ToInteger {
    uint32_t high;
    __device__ int64_t operator()(uint32_t bits) const { return bench::integer_of(bits, high); }
};
struct ToDropout {
    float probability, kept;
    __device__ float operator()(uint32_t bits) const {
        return bench::uniform_of(bits) < probability ? 0.0f : kept;
    }
};

__device__ bench::PhiloxPlace place_of(const Draw& d) {
    return {d.call, d.at->step, d.at->task_phase};
}

template <class T, class F> __global__ void fill(Draw d, T* out, F make) {
    const int64_t block = int64_t{blockIdx.x} * blockDim.x + threadIdx.x, s = blockIdx.y;
    if (block * 4 >= d.count) return;
    const Philox4 bits =
        bench::philox({d.seeds[s], d.purpose}, static_cast<uint32_t>(block), place_of(d));
    for (int64_t lane = 0; lane < 4 && block * 4 + lane < d.count; ++lane)
        out[s * d.stride + block * 4 + lane] = make(bits.v[lane]);
}

__global__ void fill_normal(Draw d, float* out) {
    const int64_t block = int64_t{blockIdx.x} * blockDim.x + threadIdx.x, s = blockIdx.y;
    if (block * 4 >= d.count) return;
    const Philox4 bits =
        bench::philox({d.seeds[s], d.purpose}, static_cast<uint32_t>(block), place_of(d));
    float four[4];
    bench::normal_of(bits, four);
    for (int64_t lane = 0; lane < 4 && block * 4 + lane < d.count; ++lane)
        out[s * d.stride + block * 4 + lane] = four[lane];
}

dim3 blocks_of(const Draw& d) { return grid((d.count + 3) / 4, d.replicas); }

// One thread a replica: each draw looks at those before it, and there are no more of them than rows
// in a batch.
__global__ void sample(Draw d, int64_t of, int64_t* out) {
    const int64_t s = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    if (s >= d.replicas) return;
    int64_t* row = out + s * d.stride;
    for (int64_t i = 0; i < d.count; ++i) {
        const int64_t top = of - d.count + i;
        const uint32_t bits =
            bench::philox({d.seeds[s], d.purpose}, static_cast<uint32_t>(i / 4), place_of(d))
                .v[i % 4];
        int64_t pick = bench::integer_of(bits, static_cast<uint32_t>(top + 1));
        for (int64_t before = 0; before < i; ++before)
            if (row[before] == pick) {
                pick = top;
                break;
            }
        row[i] = pick;
    }
}

} // namespace

void uniform(const Draw& d, float* out, void* stream) {
    fill<<<blocks_of(d), threads, 0, on(stream)>>>(d, out, ToUniform{});
}
void bits(const Draw& d, int64_t* out, void* stream) {
    fill<<<blocks_of(d), threads, 0, on(stream)>>>(d, out, ToBits{});
}
void randint(const Draw& d, uint32_t high, int64_t* out, void* stream) {
    fill<<<blocks_of(d), threads, 0, on(stream)>>>(d, out, ToInteger{high});
}
void dropout(const Draw& d, float p, float* out, void* stream) {
    fill<<<blocks_of(d), threads, 0, on(stream)>>>(d, out, ToDropout{p, 1.0f / (1.0f - p)});
}
void normal(const Draw& d, float* out, void* stream) {
    fill_normal<<<blocks_of(d), threads, 0, on(stream)>>>(d, out);
}
void sample_without_replacement(const Draw& d, int64_t of, int64_t* out, void* stream) {
    sample<<<grid(d.replicas, 1), threads, 0, on(stream)>>>(d, of, out);
}

} // namespace mneme::host::cuda
