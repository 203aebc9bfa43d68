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

// What a file must hold, and what becomes of it.
struct PictureRule {
    int64_t channels = 1, rows = 0, columns = 0;
    bool resize = false; // larger pictures are made smaller; else the size must be this one
    int bits = 8;        // of a channel: 8, or 16, which are scaled to 8
    // What a message about another size, or about 16 bits, ends with.
    std::string size_remedy = {}, bits_remedy = {};
};

// `name` begins the message of a std::runtime_error: bytes that are not a whole file of the format
// and of this shape, or whose values cannot be used as they are stored.
Picture decode_png(const std::string& bytes, const std::string& name, const PictureRule&);
Picture decode_jpeg(const std::string& bytes, const std::string& name, const PictureRule&);
Picture decode_picture(const std::string& bytes, const std::string& name, const PictureRule&);

// What both decoders share.
[[noreturn]] void refuse_picture(const std::string& name, const char* format,
                                 const std::string& why, const PictureRule& wanted);
void check_picture_size(const std::string& name, int64_t rows, int64_t columns,
                        const PictureRule& wanted);
// A picture of fewer than the 16 bits that the rule says.
[[noreturn]] void refuse_bits(int bits, const std::string& name);
// EXIF: 1 is upright; 1 as well where the bytes do not say. `tiff` begins with "II" or "MM".
int exif_orientation(const std::string& tiff);
void check_orientation(const std::string& name, int orientation);
// A picture as its decoder gives it: as large as in the file, the channels of one pixel after
// another (1: grey, 3: red, green, blue).
struct Pixels {
    int64_t channels, rows, columns;
    std::vector<uint8_t> values; // [rows, columns, channels]
};
// With a plane for each channel that is wanted, made smaller where the rule says so. Throws for
// colours where grey is wanted.
Picture in_planes(const Pixels&, const std::string& name, const PictureRule& wanted);

// Area average: an output pixel is the mean of the source over its square, border pixels by their
// share, rounded to the nearest, halves up. In integers, so that the values, of which the digests
// are made, are the same on every machine and with every version of a library.
Picture shrink(const Picture&, int64_t rows, int64_t columns);

} // namespace mneme::bench
