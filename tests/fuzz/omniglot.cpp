// SPDX-License-Identifier: Apache-2.0
// The file that keeps decoded drawings: whatever stands in it, the pictures are those of the
// drawings.
#include <cstring>

#include <png.h>

#include "input.hpp"

#include "fuzz.hpp"

using namespace mneme;
namespace fs = std::filesystem;

namespace {

// One character of 20 drawings, read once into the cache folder.
struct Drawn {
    fuzz::Folder folder;
    bench::DatasetInfo info;
    bench::Dataset right;
    std::string kept;
    fs::path cache;

    Drawn() {
        info.name = "omniglot";
        info.format = bench::Format::omniglot;
        info.classes = 1;
        info.shape = {1, 4, 4};
        info.files = {{"tree", 0, ""}};
        fs::create_directories(folder.path() / "set/images_evaluation");
        for (int k = 0; k < 20; ++k) {
            std::string pixels(105 * 105, char(255));
            for (std::size_t p = 0; p < 2000; ++p)
                pixels[(p * std::size_t(k + 3)) % pixels.size()] = 0;
            png_image image{};
            image.version = PNG_IMAGE_VERSION, image.width = image.height = 105,
            image.format = PNG_FORMAT_GRAY;
            png_alloc_size_t size = 0;
            png_image_write_get_memory_size(image, size, 0, pixels.data(), 0, nullptr);
            std::string bytes(size, '\0');
            png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr);
            folder.write("set/images_background/a/c/" + std::to_string(10 + k) + ".png",
                         bytes.substr(0, size));
        }
        setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
        right = read();
        cache = fs::directory_iterator(folder.path() / "mneme")->path();
        std::ifstream in(cache, std::ios::binary);
        kept.assign(std::istreambuf_iterator<char>(in), {});
    }
    bench::Dataset read() const {
        bench::Dataset set;
        bench::read_omniglot(info, {folder.path() / "set", false}, set);
        return set;
    }
};

} // namespace

// The input is laid over the kept file from a place on: its first two bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const Drawn drawn;
    std::string bytes(reinterpret_cast<const char*>(data), size);
    if (size > 2) {
        const std::size_t from = (std::size_t{data[0]} << 8 | data[1]) % (drawn.kept.size() + 1);
        bytes = drawn.kept.substr(0, from) + bytes.substr(2);
        if (size % 2 && bytes.size() < drawn.kept.size()) bytes += drawn.kept.substr(bytes.size());
    }
    std::ofstream(drawn.cache, std::ios::binary) << bytes;
    const auto set = drawn.read();
    fuzz::want(
        set.train.pixels == drawn.right.train.pixels && set.test.pixels == drawn.right.test.pixels,
        "a kept file was believed");
    return 0;
}
