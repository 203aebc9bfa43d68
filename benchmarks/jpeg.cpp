// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <stdexcept>

#include <turbojpeg.h>

#include "pictures.hpp"

namespace mneme::bench {

namespace {

// What the segments before the picture's data say.
struct Header {
    int bits = 8; // of a channel
    int orientation = 1;
};

bool is_frame(int marker) { // SOF0 to SOF15 without DHT, JPG and DAC
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

Header header_of(const std::string& bytes) {
    const auto byte = [&](std::size_t at) { return int(static_cast<unsigned char>(bytes[at])); };
    constexpr int start_of_scan = 0xDA, application_1 = 0xE1;
    Header header;
    for (std::size_t at = 2; at + 4 <= bytes.size() && byte(at) == 0xFF;) {
        const int marker = byte(at + 1);
        if (marker == 0xFF) { // a fill byte
            ++at;
            continue;
        }
        const std::size_t length = std::size_t(byte(at + 2)) << 8 | std::size_t(byte(at + 3));
        if (marker == start_of_scan || length < 2 || at + 2 + length > bytes.size()) break;
        const std::string content = bytes.substr(at + 4, length - 2);
        if (is_frame(marker) && !content.empty()) header.bits = int(content[0]);
        const std::string exif("Exif\0\0", 6);
        if (marker == application_1 && content.rfind(exif, 0) == 0)
            header.orientation = exif_orientation(content.substr(exif.size()));
        at += 2 + length;
    }
    return header;
}

} // namespace

Picture decode_jpeg(const std::string& bytes, const std::string& name, const PictureRule& wanted) {
    const std::unique_ptr<void, int (*)(tjhandle)> decoder(tjInitDecompress(), tjDestroy);
    const auto refuse = [&] {
        refuse_picture(name, "JPEG", tjGetErrorStr2(decoder.get()), wanted);
    };
    const Header header = header_of(bytes);
    if (header.bits != 8)
        throw std::runtime_error(name + ": has " + std::to_string(header.bits) +
                                 " bits a channel; save it with 8");
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    int width = 0, height = 0, sampling = 0, space = 0;
    if (tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &sampling,
                            &space) != 0)
        refuse();
    if (wanted.bits == 16) refuse_bits(8, name);
    check_picture_size(name, height, width, wanted); // before anything is unpacked
    check_orientation(name, header.orientation);
    if (space == TJCS_CMYK || space == TJCS_YCCK)
        throw std::runtime_error(name + ": is in CMYK, the colours of a print; save it in RGB");
    const int64_t stored = space == TJCS_GRAY ? 1 : 3;
    std::vector<uint8_t> pixels(std::size_t(stored * height * width));
    if (tjDecompress2(decoder.get(), data, bytes.size(), pixels.data(), width, 0, height,
                      stored == 1 ? TJPF_GRAY : TJPF_RGB,
                      TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING) != 0)
        refuse();
    return in_planes({stored, height, width, std::move(pixels)}, name, wanted);
}

} // namespace mneme::bench
