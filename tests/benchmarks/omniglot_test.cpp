// SPDX-License-Identifier: Apache-2.0
// Omniglot from a small tree in the same format, made here: what is read, what is kept, and every
// message.
#include "catch.hpp"
#include "support.hpp"

#include <cmath>
#include <thread>

#include <png.h>

using namespace bench_test;

namespace {

int ink(int character, int drawing, int row, int column) {
    return (row * 7 + column * 3 + character * 31 + drawing) % 5 < 2 ? 0 : 255;
}

void write_png(const fs::path& path, int character, int drawing, int side = 105) {
    std::vector<uint8_t> pixels;
    for (int r = 0; r < side; ++r)
        for (int c = 0; c < side; ++c) pixels.push_back(uint8_t(ink(character, drawing, r, c)));
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = image.height = png_uint_32(side);
    image.format = PNG_FORMAT_GRAY;
    fs::create_directories(path.parent_path());
    REQUIRE(png_image_write_to_file(&image, path.c_str(), 0, pixels.data(), 0, nullptr) != 0);
}

struct Drawings {
    Folder folder;
    DatasetInfo info;
    Drawings() {
        info.name = "omniglot";
        info.how_to_get = "make it";
        info.format = Format::omniglot;
        info.classes = 3;
        info.shape = {1, 28, 28};
        info.files = {{"tree", 0, "", ""}};
        const char* folders[] = {"images_background/Alpha/character01",
                                 "images_background/Alpha/character02",
                                 "images_evaluation/Beta/character01"};
        for (int c = 0; c < 3; ++c)
            for (int d = 0; d < 20; ++d) {
                char name[32];
                std::snprintf(name, sizeof name, "%04d_%02d.png", 900 - c, d + 1);
                write_png(folder.path() / folders[c] / name, c, d);
            }
    }
    Dataset read() const { return load(info, {folder.path()}); }
    std::string fault() const {
        return shorten(folder, fault_of([&] { read(); }));
    }
};

// The mean over the square that an output pixel covers, by sampling each of 28 x 28 parts of every
// source pixel.
double area_mean(int character, int drawing, int row, int column) {
    double sum = 0;
    for (int y = row * 105; y < (row + 1) * 105; ++y)
        for (int x = column * 105; x < (column + 1) * 105; ++x)
            sum += 255 - ink(character, drawing, y / 28, x / 28);
    return sum / (105 * 105);
}

} // namespace

TEST_CASE(
    "Omniglot's drawings become small pictures by area average, 16 of a character for training") {
    const OwnCache cache;
    const Drawings drawings;
    const Dataset data = drawings.read();
    CHECK(data.train.count == 48);
    CHECK(data.test.count == 12);
    CHECK(data.train.labels[0] == 0);
    CHECK(data.train.labels[47] == 2);
    CHECK(data.test.labels == std::vector<uint16_t>{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2});
    bool right = true;
    for (int r = 0; r < 28; r += 3)
        for (int c = 0; c < 28; ++c) {
            const int train = data.train.pixels[std::size_t((17 * 28 + r) * 28 + c)],
                      test = data.test.pixels[std::size_t((11 * 28 + r) * 28 + c)];
            right = right && train == int(std::floor(area_mean(1, 1, r, c) + 0.5)) &&
                    test == int(std::floor(area_mean(2, 19, r, c) + 0.5));
        }
    CHECK(right);
    auto larger = drawings.info;
    larger.shape = {1, 32, 32};
    CHECK(load(larger, {drawings.folder.path()}).train.pixels.size() == 48u * 1024);
}

TEST_CASE(
    "what was decoded is kept, checked when it is used again, and may be built by two at once") {
    const OwnCache cache;
    const Drawings drawings;
    Dataset one, two;
    std::thread other([&] { two = drawings.read(); });
    one = drawings.read();
    other.join();
    CHECK(one.train.pixels == two.train.pixels);
    REQUIRE(cache.files().size() == 1); // and no draft
    const fs::path kept = cache.files()[0];
    const auto first_written = fs::last_write_time(kept);
    CHECK(drawings.read().train.pixels == one.train.pixels);
    CHECK(fs::last_write_time(kept) == first_written); // it was read, not built
    {
        std::fstream file(kept, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(5000);
        file.put('!');
    }
    CHECK(drawings.read().train.pixels == one.train.pixels);
    fs::resize_file(kept, 100);
    CHECK(drawings.read().test.pixels == one.test.pixels);
    CHECK(fs::file_size(kept) > 100);
    write_png(drawings.folder.path() / "images_background/Alpha/character01/0900_01.png", 2,
              5); // another drawing: what was kept is out of date
    CHECK(drawings.read().train.pixels != one.train.pixels);
}

TEST_CASE("bad folders of drawings: too few, of another size, no PNG, not the published ones") {
    const OwnCache cache;
    const std::string path = "images_background/Alpha/character01/0900_01.png";
    {
        const Drawings d;
        d.folder.write(path, "text");
        const std::string fault = d.fault();
        CHECK(fault.rfind("D/" + path + ": cannot be read as PNG (", 0) == 0);
        CHECK(fault.find("); expected a PNG file of 105 x 105") != std::string::npos);
    }
    {
        const Drawings d;
        write_png(d.folder.path() / path, 0, 0, 90);
        CHECK(d.fault() == "D/" + path + ": the picture is 90 x 90; expected 105 x 105");
    }
    {
        Drawings d;
        d.info.files[0].sha256 = std::string(64, '0');
        const std::string fault = d.fault();
        CHECK(fault.rfind("D: is not the published tree (SHA-256 of its files' sums ", 0) == 0);
        CHECK(fault.find("); expected " + std::string(64, '0') + "; to get the set: make it") !=
              std::string::npos);
    }
    Drawings d;
    d.info.classes = 4;
    CHECK(d.fault() == "D: has 3 characters; expected 4; to get the set: make it");
    fs::remove(d.folder.path() / path);
    CHECK(d.fault() ==
          "D/images_background/Alpha/character01: has 19 drawings; expected 20; to get the "
          "set: make it");
    fs::remove_all(d.folder.path() / "images_evaluation");
    CHECK(d.fault() ==
          "data set omniglot in D: images_evaluation not found; looked in D, D/omniglot; to get "
          "the set: make it");
}

TEST_CASE("Omniglot as it is here") {
    if (locate(built_in_dataset("omniglot"), data_folders()).empty())
        mneme::test::skip("Omniglot is not here: " + built_in_dataset("omniglot").how_to_get);
    const OwnCache cache;
    const fs::path home = locate(built_in_dataset("omniglot"),
                                 {fs::path(std::getenv("HOME")) / ".cache" / "mneme-data"});
    if (home.empty()) mneme::test::skip("Omniglot is elsewhere than in the usual folder");
    const Dataset data = load(built_in_dataset("omniglot"), {home});
    CHECK(data.train.count == 1623 * 16);
    CHECK(data.test.count == 1623 * 4);
    CHECK(data.train.labels.back() == 1622);
    uint64_t sum = 0;
    for (uint8_t p : data.train.pixels) sum += p;
    const double mean = double(sum) / double(data.train.pixels.size()) / 255;
    CHECK(mean > 0.02); // thin bright ink on black
    CHECK(mean < 0.15);
}
