// SPDX-License-Identifier: Apache-2.0
// Pictures from PNG and JPEG files, and made smaller. Private to this room.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mneme::bench {

struct Picture {
    int64_t channels = 1, rows = 0, columns = 0; // channels: 1 grey, 3 red, green, blue
    std::vector<uint8_t> pixels;                 // [channels, rows, columns]
};

// In so many channels, whatever the file has. `name` begins the message of bytes that are no PNG,
// or no PNG and no JPEG, of this size.
Picture decode_png(const std::string& bytes, const std::string& name, int64_t channels,
                   int64_t rows, int64_t columns);
Picture decode_picture(const std::string& bytes, const std::string& name, int64_t channels,
                       int64_t rows, int64_t columns);

// Area average: an output pixel is the mean of the source over its square, border pixels by their
// share, rounded to the nearest, halves up. Of one channel.
Picture shrink(const Picture&, int64_t rows, int64_t columns);

} // namespace mneme::bench
