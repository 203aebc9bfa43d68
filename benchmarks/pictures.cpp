// SPDX-License-Identifier: Apache-2.0
#include "pictures.hpp"

#include <algorithm>
#include <stdexcept>

namespace mneme::bench {

namespace {

constexpr int64_t most_pixels = int64_t{1} << 26; // of a picture that is to be made smaller

std::string size_of(int64_t rows, int64_t columns) {
    return std::to_string(rows) + " x " + std::to_string(columns);
}
std::string size_of(const PictureRule& wanted) {
    return size_of(wanted.rows, wanted.columns) + (wanted.resize ? " or more" : "");
}

} // namespace

void refuse_picture(const std::string& name, const char* format, const std::string& why,
                    const PictureRule& wanted) {
    throw std::runtime_error(name + ": cannot be read as " + format + " (" + why +
                             "); expected a " + format + " file of " + size_of(wanted));
}

void check_picture_size(const std::string& name, int64_t rows, int64_t columns,
                        const PictureRule& wanted) {
    std::string expected;
    if (!wanted.resize) {
        if (rows == wanted.rows && columns == wanted.columns) return;
        expected = size_of(wanted) + wanted.size_remedy;
    } else if (rows < wanted.rows || columns < wanted.columns) {
        expected = size_of(wanted) + ", to be made smaller";
    } else if (rows > most_pixels / columns) {
        expected = std::to_string(most_pixels) + " pixels at most";
    } else {
        return;
    }
    throw std::runtime_error(name + ": the picture is " + size_of(rows, columns) + "; expected " +
                             expected);
}

void refuse_bits(int bits, const std::string& name) {
    throw std::runtime_error(name + ": has " + std::to_string(bits) +
                             " bits a channel, and the data set's description says 16; leave out "
                             "bits, or save all pictures as PNG with 16");
}

int exif_orientation(const std::string& tiff) {
    const bool little = tiff.rfind("II", 0) == 0;
    if (!little && tiff.rfind("MM", 0) != 0) return 1;
    const auto number = [&](std::size_t at, std::size_t bytes) {
        std::size_t value = 0;
        if (at > tiff.size() || tiff.size() - at < bytes) return value;
        for (std::size_t i = 0; i < bytes; ++i)
            value |= std::size_t(static_cast<unsigned char>(tiff[at + i]))
                     << 8 * (little ? i : bytes - 1 - i);
        return value;
    };
    constexpr std::size_t orientation_tag = 0x0112, entry_bytes = 12;
    const std::size_t directory = number(4, 4), entries = number(directory, 2);
    for (std::size_t e = 0; e < entries; ++e) {
        const std::size_t entry = directory + 2 + e * entry_bytes;
        if (entry + entry_bytes > tiff.size()) return 1;
        if (number(entry, 2) != orientation_tag) continue;
        const std::size_t value = number(entry + 8, 2);
        return value >= 1 && value <= 8 ? int(value) : 1;
    }
    return 1;
}

void check_orientation(const std::string& name, int orientation) {
    if (orientation == 1) return;
    throw std::runtime_error(name + ": its EXIF orientation is " + std::to_string(orientation) +
                             ", which turns or mirrors the stored pixels; save it upright, with "
                             "orientation 1 or none");
}

Picture in_planes(const Pixels& from, const std::string& name, const PictureRule& wanted) {
    const auto plane = std::size_t(from.rows * from.columns);
    Picture picture{wanted.channels, from.rows, from.columns, {}};
    picture.pixels.resize(plane * std::size_t(wanted.channels));
    for (std::size_t i = 0; i < plane; ++i) {
        const uint8_t* pixel = from.values.data() + i * std::size_t(from.channels);
        if (from.channels == 3 && wanted.channels == 1 &&
            (pixel[0] != pixel[1] || pixel[0] != pixel[2]))
            throw std::runtime_error(name +
                                     ": is in colour, and the data set's shape says grey; "
                                     "save it in grey, or give the shape 3 channels");
        for (std::size_t c = 0; c < std::size_t(wanted.channels); ++c)
            picture.pixels[c * plane + i] = pixel[from.channels == 3 ? c : 0];
    }
    const bool fits = picture.rows == wanted.rows && picture.columns == wanted.columns;
    return fits ? picture : shrink(picture, wanted.rows, wanted.columns);
}

Picture decode_picture(const std::string& bytes, const std::string& name,
                       const PictureRule& wanted) {
    if (bytes.rfind("\xff\xd8", 0) == 0) return decode_jpeg(bytes, name, wanted);
    if (bytes.rfind("\x89PNG", 0) == 0) return decode_png(bytes, name, wanted);
    throw std::runtime_error(
        name + ": is neither a PNG nor a JPEG file; expected one of them, of " + size_of(wanted));
}

Picture shrink(const Picture& from, int64_t rows, int64_t columns) {
    struct Share { // of a source row in an output row, in units of 1/rows
        int64_t source, weight;
    };
    const auto shares = [](int64_t sources, int64_t outputs) {
        std::vector<std::vector<Share>> all(static_cast<std::size_t>(outputs));
        for (int64_t out = 0; out < outputs; ++out)
            for (int64_t in = 0; in < sources; ++in) {
                const int64_t overlap = std::min((out + 1) * sources, (in + 1) * outputs) -
                                        std::max(out * sources, in * outputs);
                if (overlap > 0) all[std::size_t(out)].push_back({in, overlap});
            }
        return all;
    };
    const auto down = shares(from.rows, rows), right = shares(from.columns, columns);
    const int64_t area = from.rows * from.columns;
    Picture to{from.channels, rows, columns, {}};
    for (int64_t channel = 0; channel < from.channels; ++channel) {
        const uint8_t* plane = from.pixels.data() + channel * area;
        for (const auto& row : down)
            for (const auto& column : right) {
                int64_t sum = 0;
                for (const Share& y : row)
                    for (const Share& x : column)
                        sum += y.weight * x.weight * plane[y.source * from.columns + x.source];
                to.pixels.push_back(uint8_t((2 * sum + area) / (2 * area)));
            }
    }
    return to;
}

} // namespace mneme::bench
