// SPDX-License-Identifier: Apache-2.0
#include "png.hpp"

#include <algorithm>
#include <stdexcept>

#include <png.h>

namespace mneme::bench {

Picture decode_png(const std::string& bytes, const std::string& name, int64_t rows, int64_t columns) {
    const std::string size = std::to_string(rows) + " x " + std::to_string(columns);
    const auto fail = [&](const std::string& what) { throw std::runtime_error(name + ": " + what); };
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    const auto unreadable = [&] {
        const std::string why = image.message;
        png_image_free(&image);
        fail("cannot be read as PNG (" + why + "); a PNG file of " + size + " would be right");
    };
    if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) unreadable();
    if (image.height != rows || image.width != columns) { // before anything is unpacked
        const std::string found = std::to_string(image.height) + " x " + std::to_string(image.width);
        png_image_free(&image);
        fail("is of " + found + "; " + size + " would be right");
    }
    image.format = PNG_FORMAT_GRAY;
    Picture picture{rows, columns, std::vector<uint8_t>(std::size_t(rows * columns))};
    if (!png_image_finish_read(&image, nullptr, picture.pixels.data(), 0, nullptr)) unreadable();
    return picture;
}

Picture shrink(const Picture& from, int64_t rows, int64_t columns) {
    struct Share { // of a source row in an output row, in units of 1/rows
        int64_t source, weight;
    };
    const auto shares = [](int64_t sources, int64_t outputs) {
        std::vector<std::vector<Share>> all(static_cast<std::size_t>(outputs));
        for (int64_t out = 0; out < outputs; ++out)
            for (int64_t in = 0; in < sources; ++in) {
                const int64_t overlap = std::min((out + 1) * sources, (in + 1) * outputs) - std::max(out * sources, in * outputs);
                if (overlap > 0) all[std::size_t(out)].push_back({in, overlap});
            }
        return all;
    };
    const auto down = shares(from.rows, rows), right = shares(from.columns, columns);
    const int64_t area = from.rows * from.columns;
    Picture to{rows, columns, {}};
    for (const auto& row : down)
        for (const auto& column : right) {
            int64_t sum = 0;
            for (const Share& y : row)
                for (const Share& x : column) sum += y.weight * x.weight * from.pixels[std::size_t(y.source * from.columns + x.source)];
            to.pixels.push_back(uint8_t((2 * sum + area) / (2 * area)));
        }
    return to;
}

} // namespace mneme::bench
