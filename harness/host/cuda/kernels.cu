// SPDX-License-Identifier: Apache-2.0
// The kernels of kernels.hpp on a GPU; cpu_kernels.cpp is the reference. Compiled with -fmad=false:
// the same bits.
#include "host/cuda/draws.hpp"
#include "host/cuda/half.hpp"
#include "host/cuda/launch.cuh"
#include "host/cuda/vector.cuh"

namespace mneme::host {
namespace {

// x runs over the rows, y over replicas; without rows there is one thread.
__global__ void set_place(Seek u) {
    const int64_t b = int64_t{blockIdx.x} * blockDim.x + threadIdx.x, s = blockIdx.y;
    if (b == 0 && s == 0) *u.there = u.at;
    if (b < u.rows) u.to[s * u.rows + b] = u.from[s * u.from_stride + b];
}
void seek(const Seek& u, void* stream) {
    if (u.from) set_place<<<grid(u.rows, u.replicas), threads, 0, on(stream)>>>(u);
    else set_place<<<1, 1, 0, on(stream)>>>(u);
}

__device__ void gather_label(const Gather& g, int64_t r, int64_t b) {
    const int64_t at = g.positions[r * g.positions_stride + b];
    g.labels.y_out[r * g.rows + b] = g.labels.y[at];
    g.labels.task_out[r * g.rows + b] = g.labels.task[at];
}

__global__ void gather_labels(Gather g) {
    const int64_t b = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    if (b < g.rows) gather_label(g, blockIdx.y, b);
}

// A block a row of the batch, and another when it is done. Its first thread sees to the labels, of
// all replicas where they share x.
template <int V> __global__ void gather_rows(Gather g) {
    const int64_t s = blockIdx.y;
    for (int64_t b = blockIdx.x; b < g.rows; b += gridDim.x) {
        const uint8_t* x = g.x + s * g.x_stride + g.positions[s * g.positions_stride + b] * g.width;
        float* out = g.out + (s * g.rows + b) * g.width;
        for (int64_t k = int64_t{threadIdx.x} * V; k < g.width; k += blockDim.x * V) {
            float values[V];
            if constexpr (V == 4) {
                const auto four = *reinterpret_cast<const uchar4*>(x + k);
                values[0] = g.table[four.x], values[1] = g.table[four.y],
                values[2] = g.table[four.z], values[3] = g.table[four.w];
            } else {
                values[0] = g.table[x[k]];
            }
            put<V>(out + k, values);
        }
        if (threadIdx.x > 0 || !g.labels.y) continue;
        for (int64_t r = s; r < g.labels.replicas; r += g.replicas) gather_label(g, r, b);
    }
}
void gather(const Gather& g, void* stream) {
    if (!g.x) return gather_labels<<<grid(g.rows, g.labels.replicas), threads, 0, on(stream)>>>(g);
    const dim3 rows(static_cast<unsigned>(g.rows < 65536 ? g.rows : 65536),
                    static_cast<unsigned>(g.replicas));
    const bool four = in_fours(g.width, g.out) && reinterpret_cast<uintptr_t>(g.x) % 4 == 0 &&
                      g.x_stride % 4 == 0;
    if (four) gather_rows<4><<<rows, threads, 0, on(stream)>>>(g);
    else gather_rows<1><<<rows, threads, 0, on(stream)>>>(g);
}

// What a step carries beside the gradient, of V entries from k on.
template <int V> struct Load {
    Some<V> theta, g, importance, anchor, path, along;
    float twice;
    bool moves[V];
    template <class U> __device__ Load(const U& u, int64_t k, int64_t s) {
        theta = some<V>(u.theta + k), g = some<V>(u.gradient + k);
        if (u.with.importance)
            importance = some<V>(u.with.importance + k), anchor = some<V>(u.with.anchor + k),
            twice = 2 * u.with.strength[s];
        if (u.with.path)
            path = some<V>(u.with.path + k), along = u.with.along ? some<V>(u.with.along + k) : g;
        for (int j = 0; j < V; ++j) moves[j] = !u.mask || u.mask[k + j];
    }
    __device__ float pulled(const Carried& with, int j) const { // the gradient with the penalty's
        if (!with.importance) return g.v[j];
        const float p = twice * importance.v[j] * (theta.v[j] - anchor.v[j]);
        return g.v[j] + (with.clip > 0 ? (p > with.clip    ? with.clip
                                          : p < -with.clip ? -with.clip
                                                           : p)
                                       : p);
    }
    template <class U> __device__ void store(const U& u, int64_t k, const Some<V>& before) {
        put<V>(u.theta + k, theta.v);
        if (!u.with.path) return;
        for (int j = 0; j < V; ++j)
            if (moves[j]) path.v[j] -= along.v[j] * (theta.v[j] - before.v[j]);
        put<V>(u.with.path + k, path.v);
    }
};
template <class U> bool step_in_fours(const U& u) { // what may be null is of the same kind
    return in_fours(u.columns, u.theta, u.gradient, u.with.importance, u.with.anchor, u.with.path,
                    u.with.along);
}

template <int V> __global__ void sgd_step(SgdStep u) {
    const int64_t column = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * V, s = blockIdx.y;
    if (column >= u.columns) return;
    const int64_t k = s * u.columns + column;
    Load<V> at(u, k, s);
    const auto before = at.theta;
    const float lr = u.lr[s], decay = u.decay[s];
    Some<V> v;
    if (u.velocity) v = some<V>(u.velocity + k);
    for (int j = 0; j < V; ++j) {
        if (!at.moves[j]) continue;
        const float whole = at.pulled(u.with, j),
                    g = decay != 0 ? whole + decay * before.v[j] : whole;
        if (u.velocity) v.v[j] = u.momentum * v.v[j] + g;
        at.theta.v[j] -= lr * (u.velocity ? v.v[j] : g);
    }
    if (u.velocity) put<V>(u.velocity + k, v.v);
    at.store(u, k, before);
}
void sgd(const SgdStep& u, void* stream) {
    if (step_in_fours(u) && in_fours(u.columns, u.velocity))
        sgd_step<4><<<grid(u.columns / 4, u.replicas), threads, 0, on(stream)>>>(u);
    else sgd_step<1><<<grid(u.columns, u.replicas), threads, 0, on(stream)>>>(u);
}

template <int V> __global__ void adam_step(AdamStep u) {
    __shared__ float correct1, correct2;
    const int64_t column = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * V, s = blockIdx.y;
    if (threadIdx.x == 0) {
        const double t = u.steps[s];
        correct1 = static_cast<float>(1 - pow(double{u.beta1}, t)),
        correct2 = static_cast<float>(1 - pow(double{u.beta2}, t));
    }
    __syncthreads();
    if (column >= u.columns) return;
    const int64_t k = s * u.columns + column;
    Load<V> at(u, k, s);
    const auto before = at.theta;
    const float lr = u.lr[s], decay = u.decay[s];
    auto first = some<V>(u.first + k), second = some<V>(u.second + k);
    for (int j = 0; j < V; ++j) {
        if (!at.moves[j]) continue;
        const float whole = at.pulled(u.with, j),
                    g = u.decoupled ? whole : whole + decay * before.v[j];
        if (u.decoupled) at.theta.v[j] -= lr * decay * at.theta.v[j];
        first.v[j] = u.beta1 * first.v[j] + (1 - u.beta1) * g;
        second.v[j] = u.beta2 * second.v[j] + (1 - u.beta2) * g * g;
        at.theta.v[j] -= lr * (first.v[j] / correct1) / (sqrtf(second.v[j] / correct2) + u.epsilon);
    }
    put<V>(u.first + k, first.v);
    put<V>(u.second + k, second.v);
    at.store(u, k, before);
}
void adam(const AdamStep& u, void* stream) {
    if (step_in_fours(u) && in_fours(u.columns, u.first, u.second))
        adam_step<4><<<grid(u.columns / 4, u.replicas), threads, 0, on(stream)>>>(u);
    else adam_step<1><<<grid(u.columns, u.replicas), threads, 0, on(stream)>>>(u);
}

__device__ float most_of_warp(float value) {
    for (int step = warp / 2; step > 0; step /= 2)
        value = fmaxf(value, __shfl_xor_sync(~0u, value, step));
    return value;
}

constexpr int most_warps = 32;

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
        const bool* counts =
            e.counts ? e.counts + (e.count_of ? e.count_of[n] * e.classes : 0) : nullptr;
        float* cotangent = e.cotangent + n * e.classes;
        const double weight = e.weight[n];
        if (weight == 0) { // it does not count, even where its loss is not a number
            for (int64_t c = lane; c < e.classes; c += warp) cotangent[c] = 0;
            continue;
        }
        const float share = total > 0 ? static_cast<float>(weight / total) : 0.0f;
        float top = -INFINITY, sum = 0;
        for (int64_t c = lane; c < e.classes; c += warp)
            if (!counts || counts[c]) top = fmaxf(top, logits[c]);
        top = most_of_warp(top);
        for (int64_t c = lane; c < e.classes; c += warp)
            sum += cotangent[c] = !counts || counts[c] ? expf(logits[c] - top) : 0.0f;
        sum = sum_of_warp(sum);
        for (int64_t c = lane; c < e.classes; c += warp)
            cotangent[c] = share * (cotangent[c] / sum - static_cast<float>(c == label));
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

// A block a row. It writes nothing where a later row has its slot: no two blocks write to one
// place, whichever comes first.
__global__ void put_row(PutRows u) {
    const int64_t b = blockIdx.x, s = blockIdx.y, n = s * u.rows + b, slot = u.slot[n],
                  m = s * u.slots + slot;
    bool unwanted = slot < 0 || slot >= u.slots;
    for (int64_t later = b + 1 + threadIdx.x; later < u.rows; later += blockDim.x)
        unwanted |= u.slot[s * u.rows + later] == slot;
    if (__syncthreads_or(unwanted)) return;
    const float* x = u.from.x + s * u.from.x_stride + b * u.width;
    for (int64_t k = threadIdx.x; k < u.width; k += blockDim.x) u.to.x[m * u.width + k] = x[k];
    if (threadIdx.x == 0)
        u.to.y[m] = u.from.y[n], u.to.task[m] = u.from.task[n], u.to.weight[m] = u.from.weight[n];
}
void put_rows(const PutRows& u, void* stream) {
    put_row<<<dim3(static_cast<unsigned>(u.rows), static_cast<unsigned>(u.replicas)), threads, 0,
              on(stream)>>>(u);
}

// A block a part of a row. A thread has the same entries whether they are read four at a time or
// one: the order is that of the places in the row, not of the row's address.
template <int V> __global__ void products_of_parts(Products p) {
    __shared__ double ab_warps[threads / warp], bb_warps[threads / warp];
    const int64_t s = blockIdx.y, begin = int64_t{blockIdx.x} * products_part;
    const int64_t end = begin + products_part < p.columns ? begin + products_part : p.columns;
    const float *a = p.a + s * p.columns, *b = p.b + s * p.columns;
    float ab = 0, bb = 0;
    for (int64_t four = begin + int64_t{threadIdx.x} * 4; four < end; four += threads * 4)
        for (int64_t k = four; k < four + 4 && k < end; k += V) {
            const auto x = some<V>(a + k), y = some<V>(b + k);
            for (int j = 0; j < V; ++j) ab += x.v[j] * y.v[j], bb += y.v[j] * y.v[j];
        }
    const double ab_warp = sum_of_warp(static_cast<double>(ab)),
                 bb_warp = sum_of_warp(static_cast<double>(bb));
    if (threadIdx.x % warp == 0)
        ab_warps[threadIdx.x / warp] = ab_warp, bb_warps[threadIdx.x / warp] = bb_warp;
    __syncthreads();
    if (threadIdx.x > 0) return;
    double ab_sum = 0, bb_sum = 0;
    for (int w = 0; w < threads / warp; ++w) ab_sum += ab_warps[w], bb_sum += bb_warps[w];
    double* out = p.parts + (s * gridDim.x + blockIdx.x) * 2;
    out[0] = ab_sum, out[1] = bb_sum;
}
__global__ void products_of_rows(Products p, int64_t parts) { // a warp a row
    const int64_t s = blockIdx.x;
    double ab = 0, bb = 0;
    for (int64_t k = threadIdx.x; k < parts; k += warp)
        ab += p.parts[(s * parts + k) * 2], bb += p.parts[(s * parts + k) * 2 + 1];
    ab = sum_of_warp(ab), bb = sum_of_warp(bb);
    if (threadIdx.x == 0) p.ab[s] = static_cast<float>(ab), p.bb[s] = static_cast<float>(bb);
}
void products(const Products& p, void* stream) {
    const int64_t parts = products_parts(p.columns);
    const dim3 blocks(static_cast<unsigned>(parts), static_cast<unsigned>(p.replicas));
    if (in_fours(p.columns, p.a, p.b)) products_of_parts<4><<<blocks, threads, 0, on(stream)>>>(p);
    else products_of_parts<1><<<blocks, threads, 0, on(stream)>>>(p);
    products_of_rows<<<static_cast<unsigned>(p.replicas), warp, 0, on(stream)>>>(p, parts);
}

} // namespace

Kernels cuda_kernel_table() {
    return {seek,
            cuda::bits,
            cuda::uniform,
            cuda::randint,
            cuda::normal,
            cuda::dropout,
            cuda::sample_without_replacement,
            gather,
            sgd,
            adam,
            cross_entropy,
            put_rows,
            products};
}

} // namespace mneme::host
