// SPDX-License-Identifier: Apache-2.0
// PNG as stored: libpng's simplified interface converts by the file's gamma, which changes values,
// so the rows are read one by one.
#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <new>
#include <stdexcept>
#include <vector>

#include <png.h>

#include "pictures.hpp"

namespace mneme::bench {

namespace {

// libpng reports errors by longjmp: the functions that call setjmp have no object to destroy.
class Reader final {
  public:
    explicit Reader(const std::string& bytes) : at_(bytes.data()), left_(bytes.size()) {
        png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
        info_ = png_ ? png_create_info_struct(png_) : nullptr;
        if (!info_) throw std::bad_alloc();
        png_set_read_fn(png_, this, on_read);
    }
    ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    bool read_header() {
        if (setjmp(png_jmpbuf(png_))) return false;
        png_read_info(png_, info_);
        return true;
    }
    int64_t rows() const { return png_get_image_height(png_, info_); }
    int64_t columns() const { return png_get_image_width(png_, info_); }
    int bits() const { return png_get_bit_depth(png_, info_); }

    // Palettes become colours, grey of 1, 2 or 4 bits is spread over 0 to 255, transparency becomes
    // a channel. Returns the channels, 1 to 4, or 0.
    int begin_rows() {
        if (setjmp(png_jmpbuf(png_))) return 0;
        png_set_expand(png_);
        png_set_interlace_handling(png_);
        png_read_update_info(png_, info_);
        return png_get_channels(png_, info_);
    }
    bool read_rows(png_bytepp rows) {
        if (setjmp(png_jmpbuf(png_))) return false;
        png_read_image(png_, rows);
        png_read_end(png_, nullptr);
        return true;
    }
    const char* why() const { return why_; }

  private:
    static void on_error(png_structp png, png_const_charp message) {
        auto* reader = static_cast<Reader*>(png_get_error_ptr(png));
        std::strncpy(reader->why_, message, sizeof reader->why_ - 1);
        png_longjmp(png, 1);
    }
    static void on_warning(png_structp, png_const_charp) {}
    static void on_read(png_structp png, png_bytep out, std::size_t bytes) {
        auto* reader = static_cast<Reader*>(png_get_io_ptr(png));
        if (bytes > reader->left_) png_error(png, "it ends too early");
        std::memcpy(out, reader->at_, bytes);
        reader->at_ += bytes;
        reader->left_ -= bytes;
    }

    png_structp png_ = nullptr;
    png_infop info_ = nullptr;
    const char* at_;
    std::size_t left_;
    char why_[200] = {};
};

// The content of the first chunk of a type, `found` where there is one.
std::string chunk_of(const std::string& bytes, const std::string& type, bool& found) {
    found = false;
    for (std::size_t at = 8; at + 12 <= bytes.size();) {
        std::size_t length = 0;
        for (std::size_t i = 0; i < 4; ++i)
            length = length << 8 | static_cast<unsigned char>(bytes[at + i]);
        if (length > bytes.size() - at - 12) return "";
        found = bytes.compare(at + 4, 4, type) == 0;
        if (found) return bytes.substr(at + 8, length);
        at += 12 + length;
    }
    return "";
}

void check_chunks(const std::string& bytes, const std::string& name) {
    bool found = false;
    chunk_of(bytes, "acTL", found);
    if (found) throw std::runtime_error(name + ": is an animation; save one picture a file");
    check_orientation(name, exif_orientation(chunk_of(bytes, "eXIf", found)));
}

void check_bits(int bits, const std::string& name, const PictureRule& wanted) {
    if (wanted.bits == 8 && bits == 16)
        throw std::runtime_error(name +
                                 ": has 16 bits a channel, and a value here has 8; save it "
                                 "with 8 bits, scaled as you want it" +
                                 wanted.bits_remedy);
    if (wanted.bits == 16 && bits != 16) refuse_bits(bits, name);
}

// 16 bits, the higher ones first, to 8: 0 to 0 and 65535 to 255, evenly, to the nearest. An alpha
// channel is rounded down, so that only what is opaque becomes 255.
std::vector<uint8_t> in_eight_bits(const std::vector<uint8_t>& pairs, std::size_t channels) {
    std::vector<uint8_t> values(pairs.size() / 2);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool alpha = channels % 2 == 0 && i % channels == channels - 1;
        const int value = pairs[2 * i] * 256 + pairs[2 * i + 1];
        values[i] = uint8_t((value + (alpha ? 0 : 128)) / 257);
    }
    return values;
}

// Without the last of the 2 or 4 channels, which must be opaque everywhere.
std::vector<uint8_t> without_alpha(const std::vector<uint8_t>& pixels, std::size_t channels,
                                   const std::string& name) {
    std::vector<uint8_t> out;
    out.reserve(pixels.size());
    for (std::size_t i = 0; i < pixels.size(); i += channels) {
        if (pixels[i + channels - 1] != 255)
            throw std::runtime_error(name +
                                     ": has transparent pixels; save it without an alpha "
                                     "channel, on the background that it is to have");
        out.insert(out.end(), pixels.begin() + std::ptrdiff_t(i),
                   pixels.begin() + std::ptrdiff_t(i + channels - 1));
    }
    return out;
}

} // namespace

Picture decode_png(const std::string& bytes, const std::string& name, const PictureRule& wanted) {
    Reader reader(bytes);
    const auto refuse = [&] { refuse_picture(name, "PNG", reader.why(), wanted); };
    if (!reader.read_header()) refuse();
    check_picture_size(name, reader.rows(), reader.columns(), wanted); // before it is unpacked
    check_bits(reader.bits(), name, wanted);
    check_chunks(bytes, name);
    const auto channels = std::size_t(reader.begin_rows());
    if (channels == 0) refuse();
    const std::size_t row_bytes =
        channels * std::size_t(reader.columns()) * (reader.bits() == 16 ? 2 : 1);
    std::vector<uint8_t> pixels(row_bytes * std::size_t(reader.rows()));
    std::vector<png_bytep> rows;
    for (std::size_t r = 0; r < std::size_t(reader.rows()); ++r)
        rows.push_back(pixels.data() + r * row_bytes);
    if (!reader.read_rows(rows.data())) refuse();
    if (reader.bits() == 16) pixels = in_eight_bits(pixels, channels);
    if (channels % 2 == 0) pixels = without_alpha(pixels, channels, name);
    return in_planes({channels >= 3 ? 3 : 1, reader.rows(), reader.columns(), std::move(pixels)},
                     name, wanted);
}

} // namespace mneme::bench
