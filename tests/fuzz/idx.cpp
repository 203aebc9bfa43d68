// SPDX-License-Identifier: Apache-2.0
// idx files, plain and gz.
#include <numeric>

#include <benchmarks/dataset.hpp>

#include "fuzz.hpp"

using namespace mneme;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const fuzz::Folder folder;
    const auto path = folder.write("x", {reinterpret_cast<const char*>(data), size});
    fuzz::refuse_or_read([&] {
        const bench::Idx idx = bench::read_idx(path);
        const int64_t product =
            std::accumulate(idx.shape.begin(), idx.shape.end(), int64_t{1}, std::multiplies<>());
        fuzz::want(int64_t(idx.data.size()) == product && idx.sha256.size() == 64,
                   "sizes that do not belong together");
    });
    return 0;
}
