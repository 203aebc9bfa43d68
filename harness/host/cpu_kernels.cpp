// SPDX-License-Identifier: Apache-2.0
// The reference for every kernel. Compiled with -ffp-contract=off: a product and a sum stay two roundings, on every machine. The
// clones differ in how many entries they do at once, not in their bits.
#include <cmath>
#include <cstddef>

#include <benchmarks/normal.hpp>

#include "host/kernels.hpp"

#define MNEME_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))

namespace mneme::host {
namespace {

using bench::Philox4;

template <class T, class F> void fill(const Draw& d, T* out, F&& make) { // make(bits) for each number
    for (int64_t s = 0; s < d.replicas; ++s) {
        T* row = out + s * d.stride;
        for (int64_t block = 0; block * 4 < d.count; ++block) {
            const Philox4 bits = bench::philox({d.seeds[s], d.purpose}, static_cast<uint32_t>(block), d.at);
            for (int64_t lane = 0; lane < 4 && block * 4 + lane < d.count; ++lane) row[block * 4 + lane] = make(bits.v[lane]);
        }
    }
}

void uniform(const Draw& d, float* out, void*) {
    fill(d, out, [](uint32_t bits) { return bench::uniform_of(bits); });
}
void integers(const Draw& d, uint32_t high, int64_t* out, void*) {
    fill(d, out, [=](uint32_t bits) { return bench::integer_of(bits, high); });
}
void dropout(const Draw& d, float probability, float* out, void*) {
    const float kept = 1.0f / (1.0f - probability);
    fill(d, out, [=](uint32_t bits) { return bench::uniform_of(bits) < probability ? 0.0f : kept; });
}

void normal(const Draw& d, float* out, void*) {
    for (int64_t s = 0; s < d.replicas; ++s)
        for (int64_t block = 0; block * 4 < d.count; ++block) {
            const Philox4 bits = bench::philox({d.seeds[s], d.purpose}, static_cast<uint32_t>(block), d.at);
            float four[4];
            bench::normal_of(bits, four);
            for (int64_t lane = 0; lane < 4 && block * 4 + lane < d.count; ++lane) out[s * d.stride + block * 4 + lane] = four[lane];
        }
}

MNEME_CLONES void divide_row(float* __restrict out, const uint8_t* __restrict x, int64_t width) {
    for (int64_t k = 0; k < width; ++k) out[k] = static_cast<float>(x[k]) / 255.0f;
}

void gather(const Gather& g, void*) {
    bool plain = true; // the common table: division is quicker than looking up
    for (int v = 0; v < 256 && plain; ++v) plain = g.table[v] == static_cast<float>(v) / 255.0f;
    for (int64_t s = 0; s < g.replicas; ++s)
        for (int64_t b = 0; b < g.rows; ++b) {
            const uint8_t* x = g.x + s * g.x_stride + g.positions[s * g.positions_stride + b] * g.width;
            float* out = g.out + (s * g.rows + b) * g.width;
            if (plain) divide_row(out, x, g.width);
            else
                for (int64_t k = 0; k < g.width; ++k) out[k] = g.table[x[k]];
        }
}

MNEME_CLONES void sgd_plain(float* __restrict theta, const float* __restrict g, float lr, int64_t n) {
    for (int64_t k = 0; k < n; ++k) theta[k] -= lr * g[k];
}
MNEME_CLONES void sgd_momentum(float* __restrict theta, float* __restrict v, const float* __restrict g, float lr, float momentum,
                               int64_t n) {
    for (int64_t k = 0; k < n; ++k) {
        v[k] = momentum * v[k] + g[k];
        theta[k] -= lr * v[k];
    }
}
void sgd_general(const SgdStep& u, int64_t s) {
    const int64_t begin = s * u.columns;
    for (int64_t k = begin; k < begin + u.columns; ++k) {
        if (u.mask && !u.mask[k]) continue;
        const float g = u.gradient[k] + u.decay[s] * u.theta[k];
        const float v = u.velocity ? u.velocity[k] = u.momentum * u.velocity[k] + g : g;
        u.theta[k] -= u.lr[s] * v;
    }
}

void sgd(const SgdStep& u, void*) {
    for (int64_t s = 0; s < u.replicas; ++s) {
        const int64_t at = s * u.columns;
        if (u.mask || u.decay[s] != 0) sgd_general(u, s);
        else if (u.velocity) sgd_momentum(u.theta + at, u.velocity + at, u.gradient + at, u.lr[s], u.momentum, u.columns);
        else sgd_plain(u.theta + at, u.gradient + at, u.lr[s], u.columns);
    }
}

void adam(const AdamStep& u, void*) {
    for (int64_t s = 0; s < u.replicas; ++s) {
        const double t = static_cast<double>(u.steps[s]);
        const float correct1 = static_cast<float>(1 - std::pow(static_cast<double>(u.beta1), t));
        const float correct2 = static_cast<float>(1 - std::pow(static_cast<double>(u.beta2), t));
        for (int64_t k = s * u.columns; k < (s + 1) * u.columns; ++k) {
            if (u.mask && !u.mask[k]) continue;
            const float g = u.decoupled ? u.gradient[k] : u.gradient[k] + u.decay[s] * u.theta[k];
            if (u.decoupled) u.theta[k] -= u.lr[s] * u.decay[s] * u.theta[k];
            u.first[k] = u.beta1 * u.first[k] + (1 - u.beta1) * g;
            u.second[k] = u.beta2 * u.second[k] + (1 - u.beta2) * g * g;
            u.theta[k] -= u.lr[s] * (u.first[k] / correct1) / (std::sqrt(u.second[k] / correct2) + u.epsilon);
        }
    }
}

} // namespace

const Kernels cpu_kernels = {uniform, integers, normal, dropout, gather, sgd, adam};

} // namespace mneme::host
