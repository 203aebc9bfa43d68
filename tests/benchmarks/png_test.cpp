// SPDX-License-Identifier: Apache-2.0
// The values of a PNG file are those that are used, or the file is refused: depth, colour type,
// gamma, alpha, palette, interlace, orientation.
#include "../../benchmarks/pictures.hpp"

#include "catch.hpp"
#include "support.hpp"

#include <cmath>
#include <csetjmp>
#include <functional>
#include <numeric>

#include <png.h>

using namespace bench_test;

namespace {

constexpr int side = 4;

struct Png {
    int bits = 8, type = PNG_COLOR_TYPE_GRAY;
    bool interlaced = false;
    std::function<void(png_structp, png_infop)> more = [](png_structp, png_infop) {};
    std::vector<uint8_t> bytes; // of the rows, one after the other

    std::string write() const {
        std::string out;
        png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
        png_infop info = png_create_info_struct(png);
        const auto append = [](png_structp p, png_bytep data, std::size_t size) {
            static_cast<std::string*>(png_get_io_ptr(p))
                ->append(reinterpret_cast<char*>(data), size);
        };
        png_set_write_fn(png, &out, append, [](png_structp) {});
        png_set_IHDR(png, info, side, side, bits, type,
                     interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                     PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
        more(png, info);
        std::vector<png_bytep> rows;
        const std::size_t row = bytes.size() / side;
        for (std::size_t r = 0; r < side; ++r)
            rows.push_back(const_cast<png_bytep>(bytes.data() + r * row));
        png_set_rows(png, info, rows.data());
        png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
        png_destroy_write_struct(&png, &info);
        return out;
    }
};

std::vector<uint8_t> counted(std::size_t bytes, int first = 0) {
    std::vector<uint8_t> values(bytes);
    std::iota(values.begin(), values.end(), uint8_t(first));
    return values;
}

std::vector<uint8_t> grey_of(const Png& png) {
    return decode_png(png.write(), "x.png", {1, side, side}).pixels;
}

std::string refusal(const Png& png, int64_t channels = 1) {
    return fault_of([&] { decode_png(png.write(), "x.png", {channels, side, side}); });
}

Png grey() {
    return {8, PNG_COLOR_TYPE_GRAY, false, [](auto, auto) {}, counted(16, 100)};
}

} // namespace

TEST_CASE("PNG: grey of 8 bits is used as stored, whatever gamma or colour space the file names") {
    Png png = grey();
    CHECK(grey_of(png) == counted(16, 100));
    for (const double gamma : {0.1, 0.45455, 1.0, 2.2}) {
        png.more = [&](png_structp p, png_infop i) { png_set_gAMA(p, i, gamma); };
        CHECK(grey_of(png) == counted(16, 100));
    }
    png.more = [](png_structp p, png_infop i) { png_set_sRGB(p, i, PNG_sRGB_INTENT_PERCEPTUAL); };
    CHECK(grey_of(png) == counted(16, 100));
    png.more = [](png_structp p, png_infop i) {
        const png_color_8 significant{0, 0, 0, 4, 0};
        png_set_sBIT(p, i, &significant);
    };
    CHECK(grey_of(png) == counted(16, 100));
}

TEST_CASE("PNG: grey of 1, 2 and 4 bits is spread evenly over 0 to 255") {
    Png png = grey();
    png.bits = 1, png.bytes = {0b01010000, 0b11110000, 0, 0b10010000};
    CHECK(grey_of(png) ==
          std::vector<uint8_t>{0, 255, 0, 255, 255, 255, 255, 255, 0, 0, 0, 0, 255, 0, 0, 255});
    png.bits = 2, png.bytes = {0b00011011, 0, 0, 0};
    const auto two = grey_of(png);
    CHECK(std::vector<uint8_t>(two.begin(), two.begin() + 4) ==
          std::vector<uint8_t>{0, 85, 170, 255});
    png.bits = 4, png.bytes = {0x01, 0x2F, 0, 0, 0, 0, 0, 0};
    const auto four = grey_of(png);
    CHECK(std::vector<uint8_t>(four.begin(), four.begin() + 4) ==
          std::vector<uint8_t>{0, 17, 34, 255});
}

TEST_CASE("PNG: 16 bits a channel are refused") {
    const std::string refused =
        "x.png: has 16 bits a channel, and a value here has 8; save it with 8 bits, scaled as you "
        "want it";
    Png png{16, PNG_COLOR_TYPE_GRAY, false, [](auto, auto) {}, counted(32)};
    CHECK(refusal(png) == refused);
    png.type = PNG_COLOR_TYPE_RGB, png.bytes = counted(96);
    CHECK(refusal(png, 3) == refused);
}

TEST_CASE("PNG: where 16 bits are expected, they are scaled evenly, to the nearest") {
    const PictureRule sixteen{1, side, side, false, 16};
    const std::vector<int> values{0,   128,   129,   385,   386,   256,   257,   514,
                                  771, 32767, 32768, 65407, 65406, 65534, 65535, 1000};
    Png png{16, PNG_COLOR_TYPE_GRAY, false, [](auto, auto) {}, {}};
    for (int value : values)
        png.bytes.insert(png.bytes.end(), {uint8_t(value >> 8), uint8_t(value)});
    const auto pixels = decode_png(png.write(), "x.png", sixteen).pixels;
    for (std::size_t i = 0; i < values.size(); ++i)
        CHECK(int(pixels[i]) == int(std::lround(values[i] / 257.0)));
    png.type = PNG_COLOR_TYPE_GRAY_ALPHA, png.bytes.assign(64, 255);
    CHECK(decode_png(png.write(), "x.png", sixteen).pixels == std::vector<uint8_t>(16, 255));
    png.bytes[3] = 254; // 65534 of 65535: transparent, though it would round to 255
    CHECK(fault_of([&] { decode_png(png.write(), "x.png", sixteen); }) ==
          "x.png: has transparent pixels; save it without an alpha channel, on the background that "
          "it is to have");
    CHECK(fault_of([&] { decode_png(grey().write(), "x.png", sixteen); }) ==
          "x.png: has 8 bits a channel, and the data set's description says 16; leave out bits, or "
          "save all pictures as PNG with 16");
}

TEST_CASE("PNG: colours in planes; grey in colour thrice; colour where grey is expected refused") {
    Png png{8, PNG_COLOR_TYPE_RGB, false, [](auto, auto) {}, counted(48)};
    const auto planes = decode_png(png.write(), "x.png", {3, side, side}).pixels;
    for (std::size_t i = 0; i < 16; ++i)
        for (std::size_t c = 0; c < 3; ++c) CHECK(planes[c * 16 + i] == 3 * i + c);
    const auto thrice = decode_png(grey().write(), "x.png", {3, side, side}).pixels;
    for (std::size_t i = 0; i < 48; ++i) CHECK(thrice[i] == 100 + i % 16);
    CHECK(refusal(png) ==
          "x.png: is in colour, and the data set's shape says grey; save it in grey, or give the "
          "shape 3 channels");
    for (std::size_t i = 0; i < 48; ++i) png.bytes[i] = uint8_t(100 + i / 3);
    CHECK(grey_of(png) == counted(16, 100)); // grey that was saved in colour
}

TEST_CASE("PNG: a palette gives its colours") {
    Png png{8, PNG_COLOR_TYPE_PALETTE, false, {}, std::vector<uint8_t>(16, 1)};
    png.more = [](png_structp p, png_infop i) {
        const png_color colours[] = {{1, 2, 3}, {10, 20, 30}};
        png_set_PLTE(p, i, colours, 2);
    };
    const auto planes = decode_png(png.write(), "x.png", {3, side, side}).pixels;
    CHECK(planes[0] == 10);
    CHECK(planes[16] == 20);
    CHECK(planes[47] == 30);
}

TEST_CASE("PNG: an alpha channel that is opaque is left out, any transparency is refused") {
    const std::string refused =
        "x.png: has transparent pixels; save it without an alpha channel, on the background that "
        "it is to have";
    Png png{8, PNG_COLOR_TYPE_GRAY_ALPHA, false, [](auto, auto) {}, {}};
    for (int i = 0; i < 16; ++i) png.bytes.insert(png.bytes.end(), {uint8_t(i), 255});
    CHECK(grey_of(png) == counted(16));
    png.bytes[31] = 254;
    CHECK(refusal(png) == refused);
    png = {8, PNG_COLOR_TYPE_RGB_ALPHA, false, [](auto, auto) {}, std::vector<uint8_t>(64, 255)};
    CHECK(refusal(png, 3).empty());
    png.bytes[3] = 0;
    CHECK(refusal(png, 3) == refused);
    png = grey();
    png.more = [](png_structp p, png_infop i) { // one value stands for transparent
        const png_color_16 key{0, 0, 0, 0, 103};
        png_set_tRNS(p, i, nullptr, 0, &key);
    };
    CHECK(refusal(png) == refused);
}

TEST_CASE("PNG: interlaced rows come in their order") {
    Png png = grey();
    png.interlaced = true;
    CHECK(grey_of(png) == counted(16, 100));
}

TEST_CASE("PNG: an EXIF orientation other than upright, and an animation, are refused") {
    Png png = grey();
    for (const int orientation : {1, 6}) {
        png.more = [&](png_structp p, png_infop i) {
            png_byte exif[] = {'M', 'M',  0, 42, 0, 0, 0, 8, 0, 1,
                               1,   0x12, 0, 3,  0, 0, 0, 1, 0, png_byte(orientation),
                               0,   0,    0, 0,  0, 0};
            png_set_eXIf_1(p, i, sizeof exif, exif);
        };
        CHECK(refusal(png) == (orientation == 1
                                   ? ""
                                   : "x.png: its EXIF orientation is 6, which turns or mirrors the "
                                     "stored pixels; save it upright, with orientation 1 or none"));
    }
    png = grey();
    png.more = [](png_structp p, png_infop i) {
        png_byte frames[] = {0, 0, 0, 2, 0, 0, 0, 0};
        png_unknown_chunk chunk{{'a', 'c', 'T', 'L', 0}, frames, 8, PNG_HAVE_IHDR};
        png_set_keep_unknown_chunks(p, PNG_HANDLE_CHUNK_ALWAYS, nullptr, 0);
        png_set_unknown_chunks(p, i, &chunk, 1);
    };
    CHECK(refusal(png) == "x.png: is an animation; save one picture a file");
}

TEST_CASE("PNG: a file that is cut off anywhere, or damaged in its data, is refused") {
    const std::string whole = grey().write();
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(fault_of([&] {
                  decode_png(whole.substr(0, size), "x.png", {1, side, side});
              }).rfind("x.png: cannot be read as PNG (", 0) == 0);
    std::string damaged = whole;
    damaged[whole.find("IDAT") + 12] ^= 1;
    CHECK(!fault_of([&] { decode_png(damaged, "x.png", {1, side, side}); }).empty());
}
