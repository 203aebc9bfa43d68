// SPDX-License-Identifier: Apache-2.0
// PNG files. The mutator mends the checksums of chunks.
#include "pictures.hpp"

#include <cstring>

#include <zlib.h>

#include "fuzz.hpp"

using namespace mneme;

namespace {

uint32_t word(const uint8_t* at) {
    return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

} // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned) {
    size = LLVMFuzzerMutate(data, size, most);
    for (size_t at = 8; at + 12 <= size;) {
        const uint32_t length = word(data + at);
        if (length > size - at - 12) break;
        const auto sum = uint32_t(crc32(0, data + at + 4, length + 4));
        for (int k = 0; k < 4; ++k)
            data[at + 8 + length + size_t(k)] = uint8_t(sum >> (24 - 8 * k));
        at += 12 + length;
    }
    return size;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::refuse_or_read([&] {
        const auto picture =
            bench::decode_png({reinterpret_cast<const char*>(data), size}, "x.png", {1, 7, 5});
        fuzz::want(picture.pixels.size() == 35, "a picture of another size");
        const auto small = bench::shrink(picture, 3, 2);
        fuzz::want(small.pixels.size() == 6, "a small picture of another size");
    });
    return 0;
}
