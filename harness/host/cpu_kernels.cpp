// SPDX-License-Identifier: Apache-2.0
// The reference for every kernel. Compiled with -ffp-contract=off: a product and a sum stay two
// roundings, on every machine. The clones differ in how many entries they do at once, not in their
// bits.
#include <algorithm>
#include <cmath>
#include <cstddef>

#include <base/clones.hpp>
#include "host/cpu_draws.hpp"
#include "host/kernels.hpp"

namespace mneme::host {
namespace {

void seek(const Seek& u, void*) {
    *u.there = u.at;
    for (int64_t s = 0; u.from && s < u.replicas; ++s)
        std::copy_n(u.from + s * u.from_stride, u.rows, u.to + s * u.rows);
}

MNEME_CLONES void divide_row(float* __restrict out, const uint8_t* __restrict x, int64_t width) {
    for (int64_t k = 0; k < width; ++k) out[k] = static_cast<float>(x[k]) / 255.0f;
}

void gather_labels(const Gather& g) {
    for (int64_t r = 0; r < g.labels.replicas; ++r)
        for (int64_t b = 0; b < g.rows; ++b) {
            const int64_t at = g.positions[r * g.positions_stride + b];
            g.labels.y_out[r * g.rows + b] = g.labels.y[at];
            g.labels.task_out[r * g.rows + b] = g.labels.task[at];
        }
}

void gather(const Gather& g, void*) {
    if (g.labels.y) gather_labels(g);
    if (!g.x) return;
    bool plain = true; // the common table: division is quicker than looking up
    for (int v = 0; v < 256 && plain; ++v) plain = g.table[v] == static_cast<float>(v) / 255.0f;
    for (int64_t s = 0; s < g.replicas; ++s)
        for (int64_t b = 0; b < g.rows; ++b) {
            const uint8_t* x =
                g.x + s * g.x_stride + g.positions[s * g.positions_stride + b] * g.width;
            float* out = g.out + (s * g.rows + b) * g.width;
            if (plain) divide_row(out, x, g.width);
            else
                for (int64_t k = 0; k < g.width; ++k) out[k] = g.table[x[k]];
        }
}

MNEME_CLONES void sgd_plain(float* __restrict theta, const float* __restrict g, float lr,
                            int64_t n) {
    for (int64_t k = 0; k < n; ++k) theta[k] -= lr * g[k];
}
MNEME_CLONES void sgd_momentum(float* __restrict theta, float* __restrict v,
                               const float* __restrict g, float lr, float momentum, int64_t n) {
    for (int64_t k = 0; k < n; ++k) {
        v[k] = momentum * v[k] + g[k];
        theta[k] -= lr * v[k];
    }
}
MNEME_CLONES void pull(float* __restrict out, const float* __restrict g,
                       const float* __restrict importance, const float* __restrict anchor,
                       const float* __restrict theta, float twice, int64_t n) {
    for (int64_t k = 0; k < n; ++k) out[k] = g[k] + twice * importance[k] * (theta[k] - anchor[k]);
}
MNEME_CLONES void pull_clipped(float* __restrict out, const float* __restrict g,
                               const float* __restrict importance, const float* __restrict anchor,
                               const float* __restrict theta, float twice, float clip, int64_t n) {
    for (int64_t k = 0; k < n; ++k) {
        const float p = twice * importance[k] * (theta[k] - anchor[k]);
        out[k] = g[k] + (p > clip ? clip : p < -clip ? -clip : p);
    }
}
MNEME_CLONES void integrate(float* __restrict path, const float* __restrict along,
                            const float* __restrict after, const float* __restrict before,
                            int64_t n) {
    for (int64_t k = 0; k < n; ++k) path[k] -= along[k] * (after[k] - before[k]);
}

// Entries begin..begin+n of replica s, with the gradient g of these entries.
void sgd_part(const SgdStep& u, int64_t s, int64_t begin, const float* g, int64_t n) {
    float *theta = u.theta + begin, *v = u.velocity ? u.velocity + begin : nullptr;
    if (u.mask || u.decay[s] != 0) {
        for (int64_t k = 0; k < n; ++k) {
            if (u.mask && !u.mask[begin + k]) continue;
            const float whole = g[k] + u.decay[s] * theta[k];
            theta[k] -= u.lr[s] * (v ? v[k] = u.momentum * v[k] + whole : whole);
        }
    } else if (v) sgd_momentum(theta, v, g, u.lr[s], u.momentum, n);
    else sgd_plain(theta, g, u.lr[s], n);
}

struct AdamConstants {
    float lr, added_decay, own_decay, beta1, beta2, epsilon, correct1, correct2;
};
[[gnu::always_inline]] inline void adam_entry(float& theta, float& first, float& second,
                                              float gradient, const AdamConstants& c) {
    const float g = gradient + c.added_decay * theta;
    theta -= c.own_decay * theta;
    first = c.beta1 * first + (1 - c.beta1) * g;
    second = c.beta2 * second + (1 - c.beta2) * g * g;
    theta -= c.lr * (first / c.correct1) / (std::sqrt(second / c.correct2) + c.epsilon);
}
MNEME_CLONES void adam_all(float* __restrict theta, float* __restrict first,
                           float* __restrict second, const float* __restrict g, AdamConstants c,
                           int64_t n) {
    for (int64_t k = 0; k < n; ++k) adam_entry(theta[k], first[k], second[k], g[k], c);
}
void adam_part(const AdamStep& u, int64_t s, int64_t begin, const float* g, int64_t n) {
    const double t = static_cast<double>(u.steps[s]);
    const AdamConstants c{u.lr[s],
                          u.decoupled ? 0 : u.decay[s],
                          u.decoupled ? u.lr[s] * u.decay[s] : 0,
                          u.beta1,
                          u.beta2,
                          u.epsilon,
                          static_cast<float>(1 - std::pow(static_cast<double>(u.beta1), t)),
                          static_cast<float>(1 - std::pow(static_cast<double>(u.beta2), t))};
    float *theta = u.theta + begin, *first = u.first + begin, *second = u.second + begin;
    if (!u.mask) return adam_all(theta, first, second, g, c, n);
    for (int64_t k = 0; k < n; ++k)
        if (u.mask[begin + k]) adam_entry(theta[k], first[k], second[k], g[k], c);
}

// A step part by part, so that what it carries is read and written while its entries are in the
// nearest cache.
template <class U, class F> void in_parts(const U& u, F&& part) {
    constexpr int64_t most = 2048;
    const Carried& with = u.with;
    if (!with.importance && !with.path) {
        for (int64_t s = 0; s < u.replicas; ++s)
            part(u, s, s * u.columns, u.gradient + s * u.columns, u.columns);
        return;
    }
    float pulled[most], before[most];
    for (int64_t s = 0; s < u.replicas; ++s)
        for (int64_t begin = s * u.columns, end = begin + u.columns; begin < end; begin += most) {
            const int64_t n = end - begin < most ? end - begin : most;
            const float *g = u.gradient + begin, *theta = u.theta + begin;
            if (with.importance) {
                const float twice = 2 * with.strength[s];
                if (with.clip > 0)
                    pull_clipped(pulled, g, with.importance + begin, with.anchor + begin, theta,
                                 twice, with.clip, n);
                else pull(pulled, g, with.importance + begin, with.anchor + begin, theta, twice, n);
            }
            if (with.path) std::copy(theta, theta + n, before);
            part(u, s, begin, with.importance ? pulled : g, n);
            if (with.path)
                integrate(with.path + begin, with.along ? with.along + begin : g, theta, before, n);
        }
}

// Returns the loss of a row; writes its cotangent.
float row_cross_entropy(const float* logits, const bool* counts, int64_t classes, int64_t label,
                        float share, float* cotangent) {
    const auto in = [&](int64_t c) { return !counts || counts[c]; };
    float top = -INFINITY, sum = 0;
    for (int64_t c = 0; c < classes; ++c)
        if (in(c)) top = std::max(top, logits[c]);
    for (int64_t c = 0; c < classes; ++c)
        sum += cotangent[c] = in(c) ? std::exp(logits[c] - top) : 0.0f;
    for (int64_t c = 0; c < classes; ++c)
        cotangent[c] = share * (cotangent[c] / sum - static_cast<float>(c == label));
    return std::log(sum) + top - logits[label];
}

void cross_entropy(const CrossEntropy& e, void*) {
    for (int64_t s = 0; s < e.replicas; ++s) {
        double total = 0;
        for (int64_t b = 0; b < e.rows; ++b) total += static_cast<double>(e.weight[s * e.rows + b]);
        for (int64_t b = 0; b < e.rows; ++b) {
            const int64_t n = s * e.rows + b;
            const double weight = static_cast<double>(e.weight[n]);
            if (weight == 0) { // it does not count, even where its loss is not a number
                std::fill_n(e.cotangent + n * e.classes, e.classes, 0.0f);
                continue;
            }
            const bool* counts =
                e.counts ? e.counts + (e.count_of ? e.count_of[n] * e.classes : 0) : nullptr;
            const float loss = row_cross_entropy(
                e.logits + n * e.classes, counts, e.classes, e.labels[n],
                total > 0 ? static_cast<float>(weight / total) : 0.0f, e.cotangent + n * e.classes);
            if (b >= e.current) continue;
            e.loss_sum[s] += static_cast<double>(loss) * weight;
            e.loss_weight[s] += weight;
        }
    }
}

void sgd(const SgdStep& u, void*) { in_parts(u, sgd_part); }
void adam(const AdamStep& u, void*) { in_parts(u, adam_part); }

void put_rows(const PutRows& u, void*) { // in the order of the rows: the last stays
    for (int64_t s = 0; s < u.replicas; ++s)
        for (int64_t b = 0; b < u.rows; ++b) {
            const int64_t n = s * u.rows + b, slot = u.slot[n], m = s * u.slots + slot;
            if (slot < 0 || slot >= u.slots) continue;
            const float* x = u.from.x + s * u.from.x_stride + b * u.width;
            std::copy(x, x + u.width, u.to.x + m * u.width);
            u.to.y[m] = u.from.y[n], u.to.task[m] = u.from.task[n],
            u.to.weight[m] = u.from.weight[n];
        }
}

// A block is summed 32 entries side by side, which leaves no order to the compiler: any width of
// vectors has the same bits.
MNEME_CLONES void products_row(const float* __restrict a, const float* __restrict b, int64_t n,
                               float* ab_out, float* bb_out) {
    constexpr int64_t block = 1024, side = 32, last = 8;
    double ab_sum = 0, bb_sum = 0;
    for (int64_t begin = 0; begin < n; begin += block) {
        const int64_t end = begin + block < n ? begin + block : n;
        float ab[side] = {}, bb[side] = {};
        int64_t k = begin;
        for (; k + side <= end; k += side)
            for (int64_t j = 0; j < side; ++j)
                ab[j] += a[k + j] * b[k + j], bb[j] += b[k + j] * b[k + j];
        for (int64_t j = 0; k + j < end; ++j)
            ab[j] += a[k + j] * b[k + j], bb[j] += b[k + j] * b[k + j];
        for (int64_t half = side / 2; half >= last; half /= 2)
            for (int64_t j = 0; j < half; ++j) ab[j] += ab[j + half], bb[j] += bb[j + half];
        for (int64_t j = 0; j < last; ++j)
            ab_sum += static_cast<double>(ab[j]), bb_sum += static_cast<double>(bb[j]);
    }
    *ab_out = static_cast<float>(ab_sum), *bb_out = static_cast<float>(bb_sum);
}
void products(const Products& p, void*) {
    for (int64_t s = 0; s < p.replicas; ++s)
        products_row(p.a + s * p.columns, p.b + s * p.columns, p.columns, p.ab + s, p.bb + s);
}

} // namespace

const Kernels cpu_kernels = {seek,
                             cpu::bits,
                             cpu::uniform,
                             cpu::randint,
                             cpu::normal,
                             cpu::dropout,
                             cpu::sample_without_replacement,
                             gather,
                             sgd,
                             adam,
                             cross_entropy,
                             put_rows,
                             products};

} // namespace mneme::host
