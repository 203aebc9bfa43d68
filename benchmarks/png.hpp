// SPDX-License-Identifier: Apache-2.0
// Pictures from PNG files, and made smaller. Private to this room.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mneme::bench {

struct Picture {
    int64_t rows = 0, columns = 0;
    std::vector<uint8_t> pixels; // grey, [rows, columns]
};

// `name` begins the message of bytes that are no PNG of this size.
Picture decode_png(const std::string& bytes, const std::string& name, int64_t rows, int64_t columns);

// Area average: an output pixel is the mean of the source over its square, border pixels by their share, rounded to the nearest, halves up.
Picture shrink(const Picture&, int64_t rows, int64_t columns);

} // namespace mneme::bench
