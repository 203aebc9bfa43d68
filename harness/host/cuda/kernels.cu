// SPDX-License-Identifier: Apache-2.0
// The kernels of kernels.hpp on a GPU; cpu_kernels.cpp is the reference. Compiled with -fmad=false: the same bits.
#include <cuda_runtime.h>

#include <benchmarks/normal.hpp>

#include "host/cuda/half.hpp"

namespace mneme::host {
namespace {

using bench::Philox4;

constexpr int threads = 256;

// x runs over the numbers of a replica, y over replicas.
dim3 grid(int64_t per_replica, int64_t replicas) {
    return {static_cast<unsigned>((per_replica + threads - 1) / threads), static_cast<unsigned>(replicas), 1};
}
cudaStream_t on(void* stream) { return static_cast<cudaStream_t>(stream); }

struct ToUniform {
    __device__ float operator()(uint32_t bits) const { return bench::uniform_of(bits); }
};
struct ToInteger {
    uint32_t high;
    __device__ int64_t operator()(uint32_t bits) const { return bench::integer_of(bits, high); }
};
struct ToDropout {
    float probability, kept;
    __device__ float operator()(uint32_t bits) const { return bench::uniform_of(bits) < probability ? 0.0f : kept; }
};

__device__ bench::PhiloxPlace place_of(const Draw& d) { return {d.call, d.at->step, d.at->task_phase}; }

__global__ void put(bench::PhiloxPlace* there, bench::PhiloxPlace at) { *there = at; }
void stand(bench::PhiloxPlace* there, bench::PhiloxPlace at, void* stream) { put<<<1, 1, 0, on(stream)>>>(there, at); }

template <class T, class F> __global__ void fill(Draw d, T* out, F make) {
    const int64_t block = int64_t{blockIdx.x} * blockDim.x + threadIdx.x, s = blockIdx.y;
    if (block * 4 >= d.count) return;
    const Philox4 bits = bench::philox({d.seeds[s], d.purpose}, static_cast<uint32_t>(block), place_of(d));
    for (int64_t lane = 0; lane < 4 && block * 4 + lane < d.count; ++lane) out[s * d.stride + block * 4 + lane] = make(bits.v[lane]);
}

__global__ void fill_normal(Draw d, float* out) {
    const int64_t block = int64_t{blockIdx.x} * blockDim.x + threadIdx.x, s = blockIdx.y;
    if (block * 4 >= d.count) return;
    const Philox4 bits = bench::philox({d.seeds[s], d.purpose}, static_cast<uint32_t>(block), place_of(d));
    float four[4];
    bench::normal_of(bits, four);
    for (int64_t lane = 0; lane < 4 && block * 4 + lane < d.count; ++lane) out[s * d.stride + block * 4 + lane] = four[lane];
}

dim3 blocks_of(const Draw& d) { return grid((d.count + 3) / 4, d.replicas); }
void uniform(const Draw& d, float* out, void* stream) { fill<<<blocks_of(d), threads, 0, on(stream)>>>(d, out, ToUniform{}); }
void integers(const Draw& d, uint32_t high, int64_t* out, void* stream) {
    fill<<<blocks_of(d), threads, 0, on(stream)>>>(d, out, ToInteger{high});
}
void dropout(const Draw& d, float p, float* out, void* stream) {
    fill<<<blocks_of(d), threads, 0, on(stream)>>>(d, out, ToDropout{p, 1.0f / (1.0f - p)});
}
void normal(const Draw& d, float* out, void* stream) { fill_normal<<<blocks_of(d), threads, 0, on(stream)>>>(d, out); }

// One thread a replica: each draw looks at those before it, and there are no more of them than rows in a batch.
__global__ void sample(Draw d, int64_t of, int64_t* out) {
    const int64_t s = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    if (s >= d.replicas) return;
    int64_t* row = out + s * d.stride;
    for (int64_t i = 0; i < d.count; ++i) {
        const int64_t top = of - d.count + i;
        const uint32_t bits = bench::philox({d.seeds[s], d.purpose}, static_cast<uint32_t>(i / 4), place_of(d)).v[i % 4];
        int64_t pick = bench::integer_of(bits, static_cast<uint32_t>(top + 1));
        for (int64_t before = 0; before < i; ++before)
            if (row[before] == pick) {
                pick = top;
                break;
            }
        row[i] = pick;
    }
}
void few(const Draw& d, int64_t of, int64_t* out, void* stream) { sample<<<grid(d.replicas, 1), threads, 0, on(stream)>>>(d, of, out); }

__global__ void gather_rows(Gather g) {
    const int64_t k = int64_t{blockIdx.x} * blockDim.x + threadIdx.x, s = blockIdx.y;
    if (k >= g.rows * g.width) return;
    const int64_t b = k / g.width, column = k % g.width;
    if (column == 0 && g.labels.y)
        for (int64_t r = s; r < g.labels.replicas; r += g.replicas) {
            const int64_t at = g.positions[r * g.positions_stride + b];
            g.labels.y_out[r * g.rows + b] = g.labels.y[at];
            g.labels.task_out[r * g.rows + b] = g.labels.task[at];
        }
    if (g.x) g.out[s * g.rows * g.width + k] = g.table[g.x[s * g.x_stride + g.positions[s * g.positions_stride + b] * g.width + column]];
}
void gather(const Gather& g, void* stream) { gather_rows<<<grid(g.rows * g.width, g.replicas), threads, 0, on(stream)>>>(g); }

__device__ float pulled(const Carried& with, float g, const float* theta, int64_t k, int64_t s) {
    if (!with.importance) return g;
    const float p = 2 * with.strength[s] * with.importance[k] * (theta[k] - with.anchor[k]);
    return g + (with.clip > 0 ? (p > with.clip ? with.clip : p < -with.clip ? -with.clip : p) : p);
}
__device__ void integrate(const Carried& with, float g, float after, float before, int64_t k) {
    if (with.path) with.path[k] -= (with.along ? with.along[k] : g) * (after - before);
}

__global__ void sgd_step(SgdStep u) {
    const int64_t column = int64_t{blockIdx.x} * blockDim.x + threadIdx.x, s = blockIdx.y;
    if (column >= u.columns) return;
    const int64_t k = s * u.columns + column;
    if (u.mask && !u.mask[k]) return;
    const float before = u.theta[k], whole = pulled(u.with, u.gradient[k], u.theta, k, s);
    const float g = u.decay[s] != 0 ? whole + u.decay[s] * before : whole;
    const float v = u.velocity ? u.velocity[k] = u.momentum * u.velocity[k] + g : g;
    u.theta[k] -= u.lr[s] * v;
    integrate(u.with, u.gradient[k], u.theta[k], before, k);
}
void sgd(const SgdStep& u, void* stream) { sgd_step<<<grid(u.columns, u.replicas), threads, 0, on(stream)>>>(u); }

__global__ void adam_step(AdamStep u) {
    const int64_t column = int64_t{blockIdx.x} * blockDim.x + threadIdx.x, s = blockIdx.y;
    if (column >= u.columns) return;
    const int64_t k = s * u.columns + column;
    if (u.mask && !u.mask[k]) return;
    const double t = u.steps[s];
    const float correct1 = static_cast<float>(1 - pow(double{u.beta1}, t)), correct2 = static_cast<float>(1 - pow(double{u.beta2}, t));
    const float before = u.theta[k], whole = pulled(u.with, u.gradient[k], u.theta, k, s);
    const float g = u.decoupled ? whole : whole + u.decay[s] * before;
    if (u.decoupled) u.theta[k] -= u.lr[s] * u.decay[s] * u.theta[k];
    u.first[k] = u.beta1 * u.first[k] + (1 - u.beta1) * g;
    u.second[k] = u.beta2 * u.second[k] + (1 - u.beta2) * g * g;
    u.theta[k] -= u.lr[s] * (u.first[k] / correct1) / (sqrtf(u.second[k] / correct2) + u.epsilon);
    integrate(u.with, u.gradient[k], u.theta[k], before, k);
}
void adam(const AdamStep& u, void* stream) { adam_step<<<grid(u.columns, u.replicas), threads, 0, on(stream)>>>(u); }

template <class T> __device__ T sum_of_warp(T value) { // in one order, in every lane
    for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(~0u, value, step);
    return value;
}
__device__ float most_of_warp(float value) {
    for (int step = 16; step > 0; step /= 2) value = fmaxf(value, __shfl_xor_sync(~0u, value, step));
    return value;
}

constexpr int warp = 32, most_warps = 32;

// A block a replica, a warp a row, and the next when it is done.
__global__ void cross_entropy_rows(CrossEntropy e) {
    __shared__ double losses[most_warps], weights[most_warps];
    const int64_t s = blockIdx.x;
    const int lane = threadIdx.x % warp, me = threadIdx.x / warp, warps = blockDim.x / warp;
    double total = 0, loss_sum = 0, loss_weight = 0;
    for (int64_t b = lane; b < e.rows; b += warp) total += e.weight[s * e.rows + b];
    total = sum_of_warp(total);
    for (int64_t b = me; b < e.rows; b += warps) {
        const int64_t n = s * e.rows + b, label = e.labels[n];
        const float* logits = e.logits + n * e.classes;
        const bool* counts = e.counts ? e.counts + (e.count_of ? e.count_of[n] * e.classes : 0) : nullptr;
        float* cotangent = e.cotangent + n * e.classes;
        const double weight = e.weight[n];
        const float share = total > 0 ? static_cast<float>(weight / total) : 0.0f;
        float top = -INFINITY, sum = 0;
        for (int64_t c = lane; c < e.classes; c += warp)
            if (!counts || counts[c]) top = fmaxf(top, logits[c]);
        top = most_of_warp(top);
        for (int64_t c = lane; c < e.classes; c += warp) sum += cotangent[c] = !counts || counts[c] ? expf(logits[c] - top) : 0.0f;
        sum = sum_of_warp(sum);
        for (int64_t c = lane; c < e.classes; c += warp) cotangent[c] = share * (cotangent[c] / sum - static_cast<float>(c == label));
        if (b >= e.current) continue;
        loss_sum += static_cast<double>(logf(sum) + top - logits[label]) * weight;
        loss_weight += weight;
    }
    if (e.current == 0) return;
    if (lane == 0) losses[me] = loss_sum, weights[me] = loss_weight;
    __syncthreads();
    if (threadIdx.x > 0) return;
    for (int k = 0; k < warps; ++k) e.loss_sum[s] += losses[k], e.loss_weight[s] += weights[k];
}
void cross_entropy(const CrossEntropy& e, void* stream) {
    const auto warps = static_cast<unsigned>(e.rows < most_warps ? e.rows : most_warps);
    cross_entropy_rows<<<static_cast<unsigned>(e.replicas), warps * warp, 0, on(stream)>>>(e);
}

// A block a row. It writes nothing where a later row has its slot: no two blocks write to one place, whichever comes first.
__global__ void put_row(PutRows u) {
    const int64_t b = blockIdx.x, s = blockIdx.y, n = s * u.rows + b, slot = u.slot[n], m = s * u.slots + slot;
    bool unwanted = slot < 0 || slot >= u.slots;
    for (int64_t later = b + 1 + threadIdx.x; later < u.rows; later += blockDim.x) unwanted |= u.slot[s * u.rows + later] == slot;
    if (__syncthreads_or(unwanted)) return;
    const float* x = u.from.x + s * u.from.x_stride + b * u.width;
    for (int64_t k = threadIdx.x; k < u.width; k += blockDim.x) u.to.x[m * u.width + k] = x[k];
    if (threadIdx.x == 0) u.to.y[m] = u.from.y[n], u.to.task[m] = u.from.task[n], u.to.weight[m] = u.from.weight[n];
}
void put_rows(const PutRows& u, void* stream) {
    put_row<<<dim3(static_cast<unsigned>(u.rows), static_cast<unsigned>(u.replicas)), threads, 0, on(stream)>>>(u);
}

} // namespace

Kernels cuda_kernel_table() { return {stand, uniform, integers, normal, dropout, few, gather, sgd, adam, cross_entropy, put_rows}; }

} // namespace mneme::host
