// SPDX-License-Identifier: Apache-2.0
// The idx format: big-endian words; magic 0x000008DD (unsigned bytes, DD dimensions), the sizes,
// then the bytes row by row.
#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "input.hpp"

namespace mneme::bench {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t largest = uint64_t{1} << 32; // bytes of one file; more is not what we read

std::string hexadecimal(uint32_t word) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%08x", word);
    return text;
}

uint32_t read_word(Input& in) {
    unsigned char b[4];
    if (in.read(b, 4) != 4)
        in.fail("ends after " + std::to_string(in.bytes()) +
                " bytes, within the header; expected an idx file");
    return uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | uint32_t{b[3]};
}

// All but the hash, which is left to be ended.
Idx read_idx(Input& in) {
    Idx idx;
    const uint32_t magic = read_word(in);
    if (magic != 0x801 && magic != 0x803 && magic != 0x804)
        in.fail("begins with " + hexadecimal(magic) +
                "; expected 0x00000801 (idx labels) or 0x00000803 (idx images)");
    uint64_t wanted = 1;
    std::string sizes;
    for (uint32_t dimension = 0; dimension < (magic & 0xFF); ++dimension) {
        const uint32_t size = read_word(in);
        idx.shape.push_back(size);
        sizes += (sizes.empty() ? "" : " x ") + std::to_string(size);
        if (size == 0 || wanted > largest / size)
            in.fail("has sizes " + sizes +
                    " in its header; expected sizes of at least 1 and at most 4 GiB in all");
        wanted *= size;
    }
    const uint64_t whole = in.bytes() + wanted;
    // Grows with what is there: a header alone cannot make us allocate.
    while (idx.data.size() < wanted) {
        const std::size_t before = idx.data.size(),
                          chunk =
                              std::size_t(std::min<uint64_t>(wanted - before, uint64_t{1} << 24));
        idx.data.resize(before + chunk);
        if (in.read(idx.data.data() + before, chunk) != chunk)
            in.fail("ends after " + std::to_string(in.bytes()) + " bytes; expected " +
                    std::to_string(whole) + " (" + sizes + " after the header)");
    }
    in.expect_end(sizes + " after the header");
    idx.bytes = whole;
    return idx;
}

// Images of {rows, columns} or {channels, rows, columns}.
std::vector<int64_t> shape_of(const DatasetInfo& info, const Idx& pixels, const Input& in) {
    const std::vector<int64_t> shape(pixels.shape.begin() + 1, pixels.shape.end());
    std::vector<int64_t> wanted = info.shape.empty() ? shape : info.shape, found = shape;
    for (auto* sizes : {&wanted, &found})
        if (sizes->size() == 2) sizes->insert(sizes->begin(), 1);
    if (wanted != found)
        in.fail("has images of " + times(shape) + "; expected " + times(info.shape));
    return found;
}

void append(Images& images, Idx& pixels, const Idx& labels, const std::vector<int64_t>& shape,
            int64_t shift) {
    append_images(images, shape, pixels.shape[0], std::move(pixels.data));
    for (uint8_t label : labels.data) images.labels.push_back(uint16_t(label + shift));
}

} // namespace

Idx read_idx(const fs::path& path) {
    const auto in = open_file(path, "an idx file");
    Idx idx = read_idx(*in);
    idx.sha256 = in->sha256();
    return idx;
}

std::vector<std::string> read_idx_set(const DatasetInfo& info, const Place& place, Dataset& into) {
    std::vector<std::string> digests;
    std::vector<int64_t> shapes[2];
    for (std::size_t part = 0; part < 2; ++part) {
        const std::size_t file = part * 2;
        const auto in = open_file(file_in(place.path, info.files[file].name), "an idx file"),
                   labels_in =
                       open_file(file_in(place.path, info.files[file + 1].name), "an idx file");
        Idx pixels = read_idx(*in);
        const Idx labels = read_idx(*labels_in);
        if (pixels.shape.size() < 3) in->fail("holds labels; expected images (0x00000803)");
        if (labels.shape.size() != 1) labels_in->fail("holds images; expected labels (0x00000801)");
        if (pixels.shape[0] != labels.shape[0])
            labels_in->fail("has " + std::to_string(labels.shape[0]) + " labels; expected " +
                            std::to_string(pixels.shape[0]) + ", one for each image of " +
                            fs::path(in->name()).filename().string());
        const auto highest = std::max_element(labels.data.begin(), labels.data.end());
        check_label(info, *labels_in, "label ", uint64_t(highest - labels.data.begin()), *highest);
        if (part == 0 && info.files[file].sha256.empty() &&
            *highest + 1 != info.classes) // the payload's digest then says the classes, too
            labels_in->fail("has labels up to " + std::to_string(*highest) + "; expected " +
                            std::to_string(info.classes - 1) + ", or classes = " +
                            std::to_string(*highest + 1) + " in the description");
        digests.push_back(checked_sha256(info, file, *in));
        digests.push_back(checked_sha256(info, file + 1, *labels_in));
        shapes[part] = shape_of(info, pixels, *in);
        append(part == 0 ? into.train : into.test, pixels, labels, shapes[part], into.classes);
    }
    if (shapes[0] != shapes[1])
        throw std::runtime_error("data set " + info.name + " in " + place.path.string() +
                                 ": training images of " + times(shapes[0]) +
                                 " but test images of " + times(shapes[1]) +
                                 "; expected equal sizes");
    return digests;
}

} // namespace mneme::bench
