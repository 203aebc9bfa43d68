// SPDX-License-Identifier: Apache-2.0
// The binary layout of CIFAR: records without a header, label bytes and then the planes row by row.
// CIFAR-10 has one label byte and five training files, CIFAR-100 two (coarse, fine) and one.
#include <algorithm>
#include <stdexcept>

#include "input.hpp"

namespace mneme::bench {

namespace {

struct Layout {
    uint64_t labels, pixels; // bytes of a record
    uint64_t record() const { return labels + pixels; }
};

// Straight to where the examples belong: a set is held once.
void read_records(const DatasetInfo& info, const Layout& layout, uint64_t records, Input& in,
                  uint8_t* pixels, uint16_t* labels, int64_t shift) {
    constexpr uint64_t at_once = 256;
    std::vector<uint8_t> chunk(std::size_t(layout.record() * at_once));
    const std::string whole =
        std::to_string(records) + " records of " + std::to_string(layout.record()) + " bytes";
    for (uint64_t done = 0; done < records;) {
        const uint64_t n = std::min(at_once, records - done);
        if (in.read(chunk.data(), std::size_t(n * layout.record())) != n * layout.record())
            in.fail("ends after " + std::to_string(in.bytes()) + " bytes; expected " +
                    std::to_string(records * layout.record()) + " (" + whole + ")");
        for (uint64_t i = 0; i < n; ++i, ++done) {
            const uint8_t* record = chunk.data() + i * layout.record();
            check_label(info, in, "label ", done, record[layout.labels - 1]);
            labels[done] = uint16_t(record[layout.labels - 1] + shift);
            std::copy_n(record + layout.labels, layout.pixels, pixels + done * layout.pixels);
        }
    }
    in.expect_end(whole);
}

void grow(Images& images, const DatasetInfo& info, uint64_t records) {
    images.channels = info.shape[0];
    images.rows = info.shape[1];
    images.columns = info.shape[2];
    images.count += int64_t(records);
    images.pixels.resize(
        std::size_t(images.count * images.channels * images.rows * images.columns));
    images.labels.resize(std::size_t(images.count));
}

// A description may promise any size: room is made only for what a file of its length can hold.
// Deflate packs 1,032 bytes into one at best.
void expect_room(const DatasetInfo& info, const Place& place) {
    for (const auto& file : info.files) {
        const auto path = place.archive ? place.path : file_in(place.path, file.name);
        std::error_code ignored;
        const auto size = std::filesystem::file_size(path, ignored);
        if (!ignored && file.bytes / 1032 > size)
            throw std::runtime_error(path.string() + ": has " + std::to_string(size) +
                                     " bytes, which cannot hold the " + std::to_string(file.bytes) +
                                     " of " + file.name + "; expected the published file");
    }
}

} // namespace

std::vector<std::string> read_cifar(const DatasetInfo& info, const Place& place, Dataset& into) {
    const Layout layout{uint64_t(info.label_bytes),
                        uint64_t(info.shape[0] * info.shape[1] * info.shape[2])};
    expect_room(info, place);
    const std::size_t test = info.files.size() - 1;
    std::vector<uint64_t> first; // record of each file, in its part
    uint64_t train_records = 0, before[2] = {uint64_t(into.train.count), uint64_t(into.test.count)};
    for (std::size_t f = 0; f < test; ++f) {
        first.push_back(before[0] + train_records);
        train_records += info.files[f].bytes / layout.record();
    }
    first.push_back(before[1]);
    grow(into.train, info, train_records);
    grow(into.test, info, info.files[test].bytes / layout.record());

    std::vector<std::string> digests(info.files.size());
    const auto take = [&](std::size_t f, Input& in) {
        Images& part = f == test ? into.test : into.train;
        read_records(info, layout, info.files[f].bytes / layout.record(), in,
                     part.pixels.data() + first[f] * layout.pixels, part.labels.data() + first[f],
                     into.classes);
        digests[f] = checked_sha256(info, f, in);
    };
    if (place.archive) into.ignored_files = read_archive(place.path, info.files, take);
    for (std::size_t f = 0; f < info.files.size() && !place.archive; ++f)
        take(f, *open_file(file_in(place.path, info.files[f].name), "records of CIFAR"));
    return digests;
}

} // namespace mneme::bench
