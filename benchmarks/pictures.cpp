// SPDX-License-Identifier: Apache-2.0
#include "pictures.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <png.h>
#include <turbojpeg.h>

namespace mneme::bench {

namespace {

std::string size_of(int64_t rows, int64_t columns) {
    return std::to_string(rows) + " x " + std::to_string(columns);
}

[[noreturn]] void unreadable(const std::string& name, const char* format, const std::string& why,
                             int64_t rows, int64_t columns) {
    throw std::runtime_error(name + ": cannot be read as " + format + " (" + why + "); a " +
                             format + " file of " + size_of(rows, columns) + " would be right");
}

void check_size(const std::string& name, int64_t found_rows, int64_t found_columns, int64_t rows,
                int64_t columns) {
    if (found_rows == rows && found_columns == columns) return;
    throw std::runtime_error(name + ": is of " + size_of(found_rows, found_columns) + "; " +
                             size_of(rows, columns) + " would be right");
}

// Decoders give the channels of a pixel one behind the other.
Picture in_planes(std::vector<uint8_t> pixels, int64_t channels, int64_t rows, int64_t columns) {
    Picture picture{channels, rows, columns, std::move(pixels)};
    if (channels == 1) return picture;
    const std::vector<uint8_t> mixed = picture.pixels;
    const int64_t plane = rows * columns;
    for (int64_t i = 0; i < plane * channels; ++i)
        picture.pixels[std::size_t(i % channels * plane + i / channels)] = mixed[std::size_t(i)];
    return picture;
}

Picture decode_jpeg(const std::string& bytes, const std::string& name, int64_t channels,
                    int64_t rows, int64_t columns) {
    const std::unique_ptr<void, int (*)(tjhandle)> decoder(tjInitDecompress(), tjDestroy);
    const auto why = [&] { return std::string(tjGetErrorStr2(decoder.get())); };
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    int width = 0, height = 0, sampling = 0, space = 0;
    if (tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &sampling,
                            &space) != 0)
        unreadable(name, "JPEG", why(), rows, columns);
    check_size(name, height, width, rows, columns); // before anything is unpacked
    std::vector<uint8_t> pixels(std::size_t(channels * rows * columns));
    const int failed = tjDecompress2(decoder.get(), data, bytes.size(), pixels.data(), width, 0,
                                     height, channels == 1 ? TJPF_GRAY : TJPF_RGB,
                                     TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING);
    if (failed) unreadable(name, "JPEG", why(), rows, columns);
    return in_planes(std::move(pixels), channels, rows, columns);
}

} // namespace

Picture decode_png(const std::string& bytes, const std::string& name, int64_t channels,
                   int64_t rows, int64_t columns) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    const std::unique_ptr<png_image, void (*)(png_imagep)> freed(&image, png_image_free);
    if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()))
        unreadable(name, "PNG", image.message, rows, columns);
    check_size(name, image.height, image.width, rows, columns); // before anything is unpacked
    image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    std::vector<uint8_t> pixels(std::size_t(channels * rows * columns));
    if (!png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr))
        unreadable(name, "PNG", image.message, rows, columns);
    return in_planes(std::move(pixels), channels, rows, columns);
}

Picture decode_picture(const std::string& bytes, const std::string& name, int64_t channels,
                       int64_t rows, int64_t columns) {
    if (bytes.rfind("\xff\xd8", 0) == 0) return decode_jpeg(bytes, name, channels, rows, columns);
    if (bytes.rfind("\x89PNG", 0) == 0) return decode_png(bytes, name, channels, rows, columns);
    throw std::runtime_error(name + ": is no PNG and no JPEG; one of them, of " +
                             size_of(rows, columns) + ", would be right");
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
    Picture to{1, rows, columns, {}};
    for (const auto& row : down)
        for (const auto& column : right) {
            int64_t sum = 0;
            for (const Share& y : row)
                for (const Share& x : column)
                    sum += y.weight * x.weight *
                           from.pixels[std::size_t(y.source * from.columns + x.source)];
            to.pixels.push_back(uint8_t((2 * sum + area) / (2 * area)));
        }
    return to;
}

} // namespace mneme::bench
