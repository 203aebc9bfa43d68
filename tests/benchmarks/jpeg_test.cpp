// SPDX-License-Identifier: Apache-2.0
// What a JPEG file stores is what is used, or the file is refused: colours, CMYK, depth,
// orientation.
#include "../../benchmarks/pictures.hpp"

#include "catch.hpp"
#include "support.hpp"

#include <turbojpeg.h>

using namespace bench_test;

namespace {

constexpr int side = 8;

std::string jpeg(const std::vector<uint8_t>& pixels, int format, int sampling, int flags = 0) {
    const tjhandle encoder = tjInitCompress();
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    REQUIRE(tjCompress2(encoder, pixels.data(), side, 0, side, format, &bytes, &size, sampling, 100,
                        TJFLAG_ACCURATEDCT | flags) == 0);
    const std::string out(reinterpret_cast<char*>(bytes), size);
    tjFree(bytes);
    tjDestroy(encoder);
    return out;
}

std::string grey() { return jpeg(std::vector<uint8_t>(side * side, 90), TJPF_GRAY, TJSAMP_GRAY); }

std::string with_orientation(const std::string& file, char value) {
    const std::string exif("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 24);
    const std::string segment = exif + value + std::string(7, '\0');
    const auto length = segment.size() + 2;
    return file.substr(0, 2) + "\xff\xe1" + char(length >> 8) + char(length & 255) + segment +
           file.substr(2);
}

std::string refusal(const std::string& file, int64_t channels = 1) {
    return fault_of([&] { decode_picture(file, "x.jpg", {channels, side, side}); });
}

} // namespace

TEST_CASE("JPEG: grey as stored, three times where colours are expected") {
    CHECK(decode_picture(grey(), "x.jpg", {1, side, side}).pixels ==
          std::vector<uint8_t>(side * side, 90));
    CHECK(decode_picture(grey(), "x.jpg", {3, side, side}).pixels ==
          std::vector<uint8_t>(3 * side * side, 90));
    const std::string progressive =
        jpeg(std::vector<uint8_t>(side * side, 90), TJPF_GRAY, TJSAMP_GRAY, TJFLAG_PROGRESSIVE);
    CHECK(decode_picture(progressive, "x.jpg", {1, side, side}).pixels ==
          std::vector<uint8_t>(side * side, 90));
}

TEST_CASE("JPEG: colour where grey is expected is refused, but for grey that was saved in colour") {
    std::vector<uint8_t> pixels;
    for (int i = 0; i < side * side; ++i) pixels.insert(pixels.end(), {200, 30, 30});
    CHECK(refusal(jpeg(pixels, TJPF_RGB, TJSAMP_444)) ==
          "x.jpg: is in colour, and the data set's shape says grey; save it in grey, or give the "
          "shape 3 channels");
    CHECK(refusal(jpeg(pixels, TJPF_RGB, TJSAMP_444), 3).empty());
    const std::string neutral =
        jpeg(std::vector<uint8_t>(3 * side * side, 90), TJPF_RGB, TJSAMP_420);
    CHECK(decode_picture(neutral, "x.jpg", {1, side, side}).pixels ==
          std::vector<uint8_t>(side * side, 90));
}

TEST_CASE("JPEG: CMYK is refused") {
    const std::string file = jpeg(std::vector<uint8_t>(4 * side * side, 90), TJPF_CMYK, TJSAMP_444);
    for (const int64_t channels : {1, 3})
        CHECK(refusal(file, channels) ==
              "x.jpg: is in CMYK, the colours of a print; save it in RGB");
}

TEST_CASE("JPEG: more than 8 bits a channel are refused") {
    std::string file = grey();
    file[file.find("\xff\xc0") + 4] = 12; // the precision of the frame
    CHECK(refusal(file) == "x.jpg: has 12 bits a channel; save it with 8");
}

TEST_CASE("JPEG: an EXIF orientation other than upright is refused") {
    CHECK(refusal(with_orientation(grey(), 1)).empty());
    for (char value = 2; value <= 8; ++value)
        CHECK(refusal(with_orientation(grey(), value)) ==
              "x.jpg: its EXIF orientation is " + std::to_string(value) +
                  ", which turns or mirrors the stored pixels; save it upright, with orientation 1 "
                  "or none");
    CHECK(refusal(with_orientation(grey(), 9)).empty()); // not an orientation: nothing is said
}
