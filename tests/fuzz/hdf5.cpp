// SPDX-License-Identifier: Apache-2.0
// A user's pictures in HDF5. The library may crash in the child that reads for us; we answer with a
// sentence.
#include <pthread.h>
#include <algorithm>
#include <cctype>

#include <sanitizer/common_interface_defs.h>

#include "input.hpp"

#include "fuzz.hpp"

using namespace mneme;

namespace {

// The child's coverage is lost with it: how far it came is told by its sentence.
__attribute__((section("__libfuzzer_extra_counters"))) uint8_t sentences[1024];

void count(const std::string& sentence) {
    std::size_t hash = 0;
    for (char c : sentence)
        if (std::isalpha(static_cast<unsigned char>(c)))
            hash = hash * 131 + static_cast<unsigned char>(c);
    sentences[hash % sizeof sentences] = 1;
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    return pthread_atfork(nullptr, nullptr, [] {
        __sanitizer_set_death_callback(nullptr);
    }); // no artifact of the child's
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const fuzz::Folder folder;
    folder.write("a.h5", {reinterpret_cast<const char*>(data), size});
    bench::DatasetInfo info;
    info.name = "small";
    info.format = bench::Format::hdf5;
    info.classes = 3;
    info.shape = {2, 3};
    info.files = {{"a.h5", 0, ""}, {"a.h5", 0, ""}};
    fuzz::refuse_or_read([&] {
        bench::Dataset set;
        try {
            bench::read_hdf5(info, {folder.path(), false}, set);
        } catch (const std::runtime_error& refused) {
            count(refused.what());
            throw;
        }
        const auto& train = set.train;
        fuzz::want(train.count > 0 && train.pixels.size() == std::size_t(train.count) * 6,
                   "pixels that were not counted");
        fuzz::want(train.labels.size() == std::size_t(train.count) && set.test.count == train.count,
                   "labels that were not counted");
        fuzz::want(*std::max_element(train.labels.begin(), train.labels.end()) < 3,
                   "a label out of range");
        count("read");
    });
    return 0;
}
