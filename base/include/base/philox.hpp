// SPDX-License-Identifier: Apache-2.0
// Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as
// easy as 1, 2, 3"). One source for CPU and GPU; the same bits on both. Key and counter:
// definitions of the protocol, docs/protocol.md.
#pragma once

#include <cstdint>

#ifdef __CUDACC__
#define MNEME_HOST_DEVICE __host__ __device__
#else
#define MNEME_HOST_DEVICE
#endif

namespace mneme::base {

struct Philox4 {
    uint32_t v[4];
};

struct PhiloxKey {
    uint32_t seed, purpose; // purpose: first 32 bits (big-endian) of SHA-256 of its name
};

// Where in a run a draw happens. Element e of a draw uses counter word 0 = e / 4, lane e % 4.
struct PhiloxPlace {
    uint32_t call, step, task_phase; // task_phase = task * 256 + phase
};

MNEME_HOST_DEVICE inline Philox4 philox(PhiloxKey key, uint32_t block, PhiloxPlace at) {
    uint32_t c0 = block, c1 = at.call, c2 = at.step, c3 = at.task_phase, k0 = key.seed,
             k1 = key.purpose;
    for (int round = 0; round < 10; ++round) {
        const uint64_t a = uint64_t{0xD2511F53u} * c0, b = uint64_t{0xCD9E8D57u} * c2;
        const uint32_t hi_a = uint32_t(a >> 32), lo_a = uint32_t(a), hi_b = uint32_t(b >> 32),
                       lo_b = uint32_t(b);
        c0 = hi_b ^ c1 ^ k0;
        c1 = lo_b;
        c2 = hi_a ^ c3 ^ k1;
        c3 = lo_a;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return {{c0, c1, c2, c3}};
}

MNEME_HOST_DEVICE inline float uniform_of(uint32_t bits) {
    return float(bits >> 8) * 5.9604644775390625e-8f;
} // top 24 bits * 2^-24

MNEME_HOST_DEVICE inline int64_t integer_of(uint32_t bits, uint32_t high) {
    return int64_t((uint64_t{bits} * high) >> 32);
}

} // namespace mneme::base
