// SPDX-License-Identifier: Apache-2.0
// Floats of 16 bits; every value has a 32-bit float of the same value. Private to this room.
#pragma once

#include <cstdint>
#include <cstring>

namespace mneme::bench {

inline float float_of_bits(uint32_t bits) {
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// IEEE 754 half precision.
inline float float_of_half(uint16_t half) {
    const uint32_t sign = uint32_t(half & 0x8000) << 16, exponent = half >> 10 & 31,
                   fraction = half & 1023;
    if (exponent == 0) { // subnormal: fraction * 2^-24
        const float value = float(fraction) * 0x1p-24f;
        return sign ? -value : value;
    }
    return float_of_bits(sign | (exponent == 31 ? 255u << 23 : (exponent + 112) << 23) |
                         fraction << 13);
}

// The upper half of a 32-bit float.
inline float float_of_brain(uint16_t brain) { return float_of_bits(uint32_t(brain) << 16); }

} // namespace mneme::bench
