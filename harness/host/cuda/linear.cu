// SPDX-License-Identifier: Apache-2.0
// A linear layer's products for small batches and many replicas (benchmarks/linear.hpp). Libraries'
// products have tiles for large matrices, and their choice changes with the number of replicas; a
// batch of ten fills no tile. docs/decisions/0009 has what was measured.
#include <cuda_runtime.h>

#include <benchmarks/linear.hpp>

#include "host/cuda/half.hpp"
#include "host/cuda/vector.cuh"

namespace mneme::host {
namespace {

using bench::LinearBackward, bench::LinearForward, bench::LinearGradient;

unsigned parts(int64_t of, int64_t size) { return static_cast<unsigned>((of + size - 1) / size); }
// Each lane has 32 values; lane k gets the sum over lanes of value k.
template <int Step = warp / 2> __device__ float sum_of_mine(float (&v)[warp]) {
    const bool high = threadIdx.x & Step;
#pragma unroll
    for (int k = 0; k < Step; ++k) {
        const float kept = high ? v[k + Step] : v[k], given = high ? v[k] : v[k + Step];
        v[k] = kept + __shfl_xor_sync(~0u, given, Step);
    }
    if constexpr (Step > 1) return sum_of_mine<Step / 2>(v);
    else return v[0];
}

// A warp makes `Outs` columns of y for `Rows` rows. Its lanes share the inputs.
template <int Outs, int Rows, int V> __global__ void forward(LinearForward f) {
    const auto& z = f.size;
    const int lane = threadIdx.x;
    const int64_t s = blockIdx.z, o0 = (int64_t{blockIdx.x} * blockDim.y + threadIdx.y) * Outs,
                  b0 = int64_t{blockIdx.y} * Rows;
    if (o0 >= z.out) return;
    const float *x[Rows], *w[Outs]; // past the end: the last again, and nothing is written
#pragma unroll
    for (int b = 0; b < Rows; ++b) x[b] = f.x + s * f.x_stride + min(b0 + b, z.rows - 1) * z.in;
#pragma unroll
    for (int o = 0; o < Outs; ++o) w[o] = f.w + s * z.w_stride + min(o0 + o, z.out - 1) * z.in;
    float sums[Outs * Rows / warp][warp] = {};
    for (int64_t i = lane * V; i < z.in; i += warp * V) {
        Some<V> weights[Outs];
#pragma unroll
        for (int o = 0; o < Outs; ++o) weights[o] = some<V>(w[o] + i);
#pragma unroll
        for (int b = 0; b < Rows; ++b) {
            const auto in = some<V>(x[b] + i);
#pragma unroll
            for (int o = 0; o < Outs; ++o)
#pragma unroll
                for (int k = 0; k < V; ++k)
                    sums[(b * Outs + o) / warp][(b * Outs + o) % warp] += weights[o].v[k] * in.v[k];
        }
    }
#pragma unroll
    for (int part = 0; part < Outs * Rows / warp; ++part) {
        float y = sum_of_mine(sums[part]);
        const int64_t b = b0 + (part * warp + lane) / Outs, o = o0 + (part * warp + lane) % Outs;
        if (b >= z.rows || o >= z.out) continue;
        const int64_t n = (s * z.rows + b) * z.out + o;
        if (f.b) y += f.b[s * z.w_stride + o];
        if (f.relu) y = y < 0 ? 0 : y; // NaN stays
        f.y[n] = f.mask ? y * f.mask[n] : y;
    }
}

void forward(const LinearForward& f, void* stream) {
    constexpr int outs = 8, rows = 8, warps = 4;
    const auto& z = f.size;
    const dim3 grid(parts(z.out, outs * warps), parts(z.rows, rows),
                    static_cast<unsigned>(z.replicas)),
        block(warp, warps);
    const auto on = static_cast<cudaStream_t>(stream);
    if (in_fours(z.in, f.x, f.w)) forward<outs, rows, 4><<<grid, block, 0, on>>>(f);
    else forward<outs, rows, 1><<<grid, block, 0, on>>>(f);
}

// A block makes 32 columns of dx for `Rows` rows; its warps share the outputs.
constexpr int back_rows = 16, back_warps = 8, back_outs = 128;
__global__ void backward(LinearBackward k) {
    __shared__ float d[back_outs][back_rows + 4]; // four more: fewer threads write to one bank
    __shared__ float sums[back_warps][back_rows][warp];
    const auto& z = k.size;
    const int lane = threadIdx.x, me = threadIdx.y, thread = me * warp + lane;
    const int64_t s = blockIdx.z, b0 = int64_t{blockIdx.y} * back_rows,
                  i = int64_t{blockIdx.x} * warp + lane;
    const float* w = k.w + s * z.w_stride;
    float sum[back_rows] = {};
    for (int64_t o0 = 0; o0 < z.out; o0 += back_outs) {
        const int outs = static_cast<int>(min(int64_t{back_outs}, z.out - o0));
        __syncthreads();
        for (int n = thread; n < back_rows * back_outs; n += warp * back_warps) {
            const int b = n / back_outs, o = n % back_outs;
            d[o][b] =
                o < outs && b0 + b < z.rows ? k.d[(s * z.rows + b0 + b) * z.out + o0 + o] : 0.0f;
        }
        __syncthreads();
        if (i >= z.in) continue;
#pragma unroll 16
        for (int o = me; o < outs; o += back_warps) {
            const float weight = w[(o0 + o) * z.in + i];
#pragma unroll
            for (int b = 0; b < back_rows; ++b) sum[b] += d[o][b] * weight;
        }
    }
#pragma unroll
    for (int b = 0; b < back_rows; ++b) sums[me][b][lane] = sum[b];
    __syncthreads();
    if (i >= z.in) return;
    for (int b = me; b < back_rows && b0 + b < z.rows; b += back_warps) {
        float all = 0;
#pragma unroll
        for (int part = 0; part < back_warps; ++part) all += sums[part][b][lane];
        const int64_t n = (s * z.rows + b0 + b) * z.in + i;
        const float passed = k.y[n] > 0 ? all : 0;
        k.dx[n] = k.mask ? passed * k.mask[n] : passed;
    }
}

void backward(const LinearBackward& k, void* stream) {
    const auto& z = k.size;
    const dim3 grid(parts(z.in, warp), parts(z.rows, back_rows), static_cast<unsigned>(z.replicas)),
        block(warp, back_warps);
    backward<<<grid, block, 0, static_cast<cudaStream_t>(stream)>>>(k);
}

// A thread makes V columns of `Outs` rows of dw.
constexpr int gradient_rows = 64, gradient_threads = 128; // rows of the batch, at a time
template <int Outs, int V> __global__ void gradient(LinearGradient g) {
    __shared__ float d[gradient_rows][Outs];
    const auto& z = g.size;
    constexpr int threads = gradient_threads, warps = threads / warp;
    const int thread = threadIdx.x, me = thread / warp;
    const int64_t s = blockIdx.z, o0 = int64_t{blockIdx.y} * Outs,
                  i = (int64_t{blockIdx.x} * threads + thread) * V;
    const float* x = g.x + s * g.x_stride;
    float sums[Outs][V] = {}, bias[Outs / warps] = {};
    for (int64_t b0 = 0; b0 < z.rows; b0 += gradient_rows) {
        const int rows = static_cast<int>(min(int64_t{gradient_rows}, z.rows - b0));
        __syncthreads();
        for (int n = thread; n < rows * Outs; n += threads) {
            const int b = n / Outs, o = n % Outs;
            d[b][o] = o0 + o < z.out ? g.d[(s * z.rows + b0 + b) * z.out + o0 + o] : 0.0f;
        }
        __syncthreads();
        if (i < z.in)
#pragma unroll 8
            for (int b = 0; b < rows; ++b) {
                const auto in = some<V>(x + (b0 + b) * z.in + i);
#pragma unroll
                for (int o = 0; o < Outs; ++o)
#pragma unroll
                    for (int k = 0; k < V; ++k) sums[o][k] += d[b][o] * in.v[k];
            }
        if (!g.db || blockIdx.x > 0) continue;
        for (int k = 0; k < Outs / warps; ++k) { // the bias: a warp for each of its outputs in turn
            float part = 0;
            for (int b = thread % warp; b < rows; b += warp) part += d[b][me + k * warps];
            bias[k] += sum_of_warp(part);
        }
    }
    if (g.db && blockIdx.x == 0 && thread % warp == 0)
        for (int k = 0; k < Outs / warps; ++k)
            if (const int64_t o = o0 + me + k * warps; o < z.out)
                g.db[s * z.w_stride + o] = bias[k];
    if (i >= z.in) return;
#pragma unroll
    for (int o = 0; o < Outs; ++o) {
        if (o0 + o >= z.out) break;
        put<V>(g.dw + s * z.w_stride + (o0 + o) * z.in + i, sums[o]);
    }
}

void gradient(const LinearGradient& g, void* stream) {
    constexpr int outs = 8, threads = gradient_threads;
    const auto& z = g.size;
    const bool four = in_fours(z.in, g.x, g.dw);
    const dim3 grid(parts(z.in, threads * (four ? 4 : 1)), parts(z.out, outs),
                    static_cast<unsigned>(z.replicas));
    const auto on = static_cast<cudaStream_t>(stream);
    if (four) gradient<outs, 4><<<grid, threads, 0, on>>>(g);
    else gradient<outs, 1><<<grid, threads, 0, on>>>(g);
}

} // namespace

bench::LinearKernels cuda_linear(void* (*stream)()) {
    constexpr int64_t most_rows =
        1024; // libraries' products win where there is more to do (docs/decisions/0009)
    return {forward, backward, gradient, stream, true, most_rows};
}

} // namespace mneme::host
