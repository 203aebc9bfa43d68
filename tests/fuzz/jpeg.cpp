// SPDX-License-Identifier: Apache-2.0
// JPEG files, seen grey and in colour.
#include "pictures.hpp"

#include "fuzz.hpp"

using namespace mneme;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string bytes = "\xff\xd8" + std::string(reinterpret_cast<const char*>(data),
                                                       size); // else it is taken for no JPEG at all
    for (int64_t channels : {1, 3})
        fuzz::refuse_or_read([&] {
            const auto picture = bench::decode_picture(bytes, "x.jpg", {channels, 7, 5});
            fuzz::want(
                picture.channels == channels && picture.pixels.size() == std::size_t(35 * channels),
                "a picture of another size");
        });
    return 0;
}
