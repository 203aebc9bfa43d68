// SPDX-License-Identifier: Apache-2.0
// Standard normal numbers by Box-Muller, in double. log, sin and cos are made of + - * / here,
// because those of the C library and of CUDA differ in the last bits; sqrt is rounded exactly by
// both. Compile with -ffp-contract=off (nvcc: -fmad=false).
#pragma once

#include <cmath>
#include <cstdint>

#include <benchmarks/philox.hpp>

namespace mneme::bench {

// Natural logarithm of x * 2^-32 for 1 <= x <= 2^32. Halving to [sqrt(1/2), sqrt(2)) is exact;
// there log m = 2 atanh((m - 1) / (m + 1)).
MNEME_HOST_DEVICE inline double log_of_fraction(uint64_t x) {
    double m = double(x);
    int halvings = 0;
    while (m >= 1.4142135623730951) {
        m *= 0.5;
        ++halvings;
    }
    const double f = (m - 1.0) / (m + 1.0), f2 = f * f;
    double series = 1.0 / 25.0;
    for (int k = 23; k >= 1; k -= 2) series = series * f2 + 1.0 / double(k);
    return double(halvings - 32) * 0.693147180559945309417232 + 2.0 * f * series;
}

struct SineCosine {
    double sine, cosine;
};

// Of the angle 2 pi x * 2^-32. The nearest multiple of a quarter turn is taken off exactly; Taylor
// series for what remains.
MNEME_HOST_DEVICE inline SineCosine sine_cosine_of_turn(uint32_t x) {
    const uint32_t quarter = uint32_t((uint64_t{x} + 0x20000000u) >> 30); // 0..4
    const double rest = (double(x) - double(quarter) * 1073741824.0) / 4294967296.0;
    const double a = rest * 6.28318530717958647692529, a2 = a * a;
    double sine = 1.0, cosine = 1.0;
    for (int k = 19; k >= 3; k -= 2) sine = 1.0 - sine * a2 / double(k * (k - 1));
    for (int k = 18; k >= 2; k -= 2) cosine = 1.0 - cosine * a2 / double(k * (k - 1));
    sine *= a;
    switch (quarter & 3u) {
        case 0: return {sine, cosine};
        case 1: return {cosine, -sine};
        case 2: return {-sine, -cosine};
        default: return {-cosine, sine};
    }
}

// Four normal numbers of the four words of a block: words 0 and 1 give radius and angle of the
// first two, 2 and 3 of the others.
MNEME_HOST_DEVICE inline void normal_of(Philox4 bits, float out[4]) {
    for (int pair = 0; pair < 4; pair += 2) {
        const double radius =
            sqrt(-2.0 * log_of_fraction(uint64_t{bits.v[pair]} +
                                        1u)); // + 1: the logarithm of 0 is not wanted
        const SineCosine turn = sine_cosine_of_turn(bits.v[pair + 1]);
        out[pair] = float(radius * turn.cosine);
        out[pair + 1] = float(radius * turn.sine);
    }
}

} // namespace mneme::bench
