// SPDX-License-Identifier: Apache-2.0
// CIFAR's records in a .tar or .tar.gz. The mutator mends the checksums of tar headers, which a
// blind change nearly always breaks.
#include <algorithm>
#include <cstring>

#include "input.hpp"

#include "fuzz.hpp"

using namespace mneme;

namespace {

constexpr size_t block = 512, sum_at = 148, magic_at = 257;

bench::DatasetInfo small_set() {
    bench::DatasetInfo info;
    info.name = "small";
    info.format = bench::Format::cifar;
    info.classes = 3;
    info.shape = {1, 2, 2};
    info.label_bytes = 2;
    info.files = {{"a.bin", 24, ""}, {"b.bin", 6, ""}, {"test.bin", 12, ""}}; // records of 6 bytes
    return info;
}

} // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned) {
    size = LLVMFuzzerMutate(data, size, most);
    for (size_t at = 0; at + block <= size; at += block) {
        if (std::memcmp(data + at + magic_at, "ustar", 5) != 0) continue;
        std::memset(data + at + sum_at, ' ', 8);
        unsigned sum = 0;
        for (size_t k = 0; k < block; ++k) sum += data[at + k];
        std::snprintf(reinterpret_cast<char*>(data + at + sum_at), 7, "%06o", sum);
    }
    return size;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const fuzz::Folder folder;
    const auto path = folder.write("x.tar.gz", {reinterpret_cast<const char*>(data), size});
    fuzz::refuse_or_read([&] {
        bench::Dataset set;
        const auto digests = bench::read_cifar(small_set(), {path, true}, set);
        fuzz::want(digests.size() == 3 && set.train.count == 5 && set.test.count == 2,
                   "records that were not counted");
        fuzz::want(*std::max_element(set.train.labels.begin(), set.train.labels.end()) < 3,
                   "a label out of range");
    });
    return 0;
}
