// SPDX-License-Identifier: Apache-2.0
// Pictures from PNG and JPEG files, and made smaller. The values are those that the file stores;
// where that cannot be, the file is refused (docs/benchmarks.md, "Pictures"). Private to this room.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mneme::bench {

struct Picture {
    int64_t channels = 1, rows = 0, columns = 0; // channels: 1 grey, 3 red, green, blue
    std::vector<uint8_t> pixels;                 // [channels, rows, columns]
};

struct PictureShape {
    int64_t channels = 1, rows = 0, columns = 0;
};

// `name` begins the message of a std::runtime_error: bytes that are not a whole file of the format
// and of this shape, or whose values cannot be used as they are stored.
Picture decode_png(const std::string& bytes, const std::string& name, const PictureShape&);
Picture decode_jpeg(const std::string& bytes, const std::string& name, const PictureShape&);
Picture decode_picture(const std::string& bytes, const std::string& name, const PictureShape&);

// What both decoders share.
[[noreturn]] void refuse_picture(const std::string& name, const char* format,
                                 const std::string& why, const PictureShape& wanted);
void check_picture_size(const std::string& name, int64_t rows, int64_t columns,
                        const PictureShape& wanted);
// EXIF: 1 is upright; 1 as well where the bytes do not say. `tiff` begins with "II" or "MM".
int exif_orientation(const std::string& tiff);
void check_orientation(const std::string& name, int orientation);
// From the channels of one pixel after another (`stored`: 1 grey, 3 colours) to planes.
Picture in_planes(const std::vector<uint8_t>& interleaved, int64_t stored, const std::string& name,
                  const PictureShape& wanted);

// Area average: an output pixel is the mean of the source over its square, border pixels by their
// share, rounded to the nearest, halves up. Of one channel.
Picture shrink(const Picture&, int64_t rows, int64_t columns);

} // namespace mneme::bench
