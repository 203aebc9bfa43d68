// SPDX-License-Identifier: Apache-2.0
// A user's pictures in folders, and Tiny ImageNet from small files made in the same layout: what is
// read, what is passed over, and every message.
#include "catch.hpp"
#include "support.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <png.h>
#include <turbojpeg.h>

using namespace bench_test;

namespace {

constexpr int side = 8;

// Red, green, blue of a pixel: three planes that differ.
std::vector<uint8_t> colours(int which, int rows = side) {
    std::vector<uint8_t> pixels;
    for (int r = 0; r < rows; ++r)
        for (int c = 0; c < side; ++c)
            for (int channel = 0; channel < 3; ++channel)
                pixels.push_back(uint8_t(which * 20 + r * 3 + c * 2 + channel * 50));
    return pixels;
}

std::string file_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string png(const std::vector<uint8_t>& pixels, bool grey = false) {
    const Folder scratch;
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = side;
    image.height = png_uint_32(pixels.size() / side / (grey ? 1 : 3));
    image.format = grey ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    REQUIRE(png_image_write_to_file(&image, (scratch.path() / "p").c_str(), 0, pixels.data(), 0,
                                    nullptr) != 0);
    return file_of(scratch.path() / "p");
}

std::string jpeg(const std::vector<uint8_t>& pixels, bool grey = false) {
    const tjhandle encoder = tjInitCompress();
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    const int height = int(pixels.size()) / side / (grey ? 1 : 3);
    REQUIRE(tjCompress2(encoder, pixels.data(), side, 0, height, grey ? TJPF_GRAY : TJPF_RGB,
                        &bytes, &size, grey ? TJSAMP_GRAY : TJSAMP_444, 98,
                        TJFLAG_ACCURATEDCT) == 0);
    const std::string out(reinterpret_cast<char*>(bytes), size);
    tjFree(bytes);
    tjDestroy(encoder);
    return out;
}

uint8_t pixel(const Images& part, int64_t row, int64_t channel, int64_t r, int64_t c) {
    return part
        .pixels[std::size_t(((row * part.channels + channel) * part.rows + r) * part.columns + c)];
}

struct Pictures {
    Folder folder;
    OwnCache cache;
    DatasetInfo info;

    Pictures() {
        info.name = "small";
        info.how_to_get = "make it";
        info.classes = 2;
        info.format = Format::folders;
        info.shape = {3, side, side};
        info.files = {{"train", 0, "", ""}, {"test", 0, "", ""}};
        folder.write("train/zebra/1.png", png(colours(1)));
        folder.write("train/apple/b.png", png(colours(2)));
        folder.write("train/apple/a.JPG", jpeg(colours(3)));
        folder.write("train/apple/notes.txt", "no picture");
        folder.write("test/zebra/x.jpeg", jpeg(std::vector<uint8_t>(side * side, 77), true));
    }
    Dataset read() const { return load(info, {folder.path()}); }
    std::string fault() const {
        return shorten(folder, fault_of([&] { read(); }));
    }
    std::string fault_with(const std::string& name, const std::string& content) const {
        folder.write(name, content);
        return fault();
    }
};

struct TinyImageNet : Pictures {
    TinyImageNet() {
        fs::remove_all(folder.path() / "train");
        fs::remove_all(folder.path() / "test");
        info.format = Format::tiny_imagenet;
        info.files = {{"tree", 0, "", ""}};
        folder.write("train/n02/images/n02_0.JPEG", jpeg(colours(1)));
        folder.write("train/n01/images/n01_0.JPEG", jpeg(colours(2)));
        folder.write("train/n01/n01_boxes.txt", "n01_0.JPEG\t0\t0\t7\t7\n");
        folder.write("val/images/val_1.JPEG", jpeg(colours(3)));
        folder.write("val/images/val_0.JPEG", jpeg(std::vector<uint8_t>(side * side, 50), true));
        folder.write("val/val_annotations.txt",
                     "val_1.JPEG\tn01\t0\t0\t7\t7\nval_0.JPEG\tn02\t0\t0\t7\t7\n");
    }
};

} // namespace

TEST_CASE("pictures in folders: classes by name, planes of a colour, PNG exact and JPEG near") {
    const Pictures set;
    const Dataset data = set.read();
    CHECK(data.train.labels ==
          std::vector<uint16_t>{0, 0, 1}); // apple/a.JPG, apple/b.png, zebra/1.png
    CHECK(data.test.labels == std::vector<uint16_t>{1});
    CHECK(data.train.channels == 3);
    int worst = 0;
    bool exact = true;
    for (int r = 0; r < side; ++r)
        for (int c = 0; c < side; ++c)
            for (int channel = 0; channel < 3; ++channel) {
                const auto at = std::size_t((r * side + c) * 3 + channel);
                worst = std::max(worst, std::abs(int(pixel(data.train, 0, channel, r, c)) -
                                                 int(colours(3)[at])));
                exact = exact && pixel(data.train, 1, channel, r, c) == colours(2)[at] &&
                        pixel(data.train, 2, channel, r, c) == colours(1)[at];
            }
    CHECK(exact);
    CHECK(worst <= 4);
    for (int channel = 0; channel < 3; ++channel)
        CHECK(pixel(data.test, 0, channel, 3, 3) == 77); // grey, seen in colour

    Pictures grey;
    grey.info.shape = {side, side};
    grey.folder.write("train/zebra/1.png", png(std::vector<uint8_t>(side * side, 9), true));
    grey.folder.write("train/apple/b.png", png(std::vector<uint8_t>(side * side, 8), true));
    fs::remove(grey.folder.path() / "train/apple/a.JPG");
    CHECK(grey.read().train.channels == 1);
    CHECK(pixel(grey.read().train, 1, 0, 5, 5) == 9);
}

TEST_CASE("what is in the folders and is not read is listed") {
    const Pictures set;
    set.folder.write("train/readme.md", "a file beside the classes");
    set.folder.write("train/zebra/2.bmp", "another format");
    set.folder.write("train/zebra/.DS_Store", "a dropping");
    set.folder.write("test/zebra/deeper/3.png", png(colours(1)));
    auto ignored = set.read().ignored_files;
    std::sort(ignored.begin(), ignored.end());
    CHECK(ignored == std::vector<std::string>{"test/zebra/deeper", "train/apple/notes.txt",
                                              "train/readme.md", "train/zebra/.DS_Store",
                                              "train/zebra/2.bmp"});
    CHECK(TinyImageNet().read().ignored_files ==
          std::vector<std::string>{"train/n01/n01_boxes.txt"});
}

TEST_CASE("decoded pictures are kept, and decoded anew when one has changed") {
    const Pictures set;
    const std::string first = set.read().payload_digest;
    CHECK(set.cache.files().size() == 1);
    CHECK(set.read().payload_digest == first);
    set.folder.write("train/zebra/1.png", png(colours(9)));
    CHECK(set.read().payload_digest != first);
    CHECK(pixel(set.read().train, 2, 0, 0, 0) == 180);
}

TEST_CASE("resize = area: an output pixel is the mean over its part of the picture") {
    Pictures set;
    const std::string as_they_are = set.read().payload_digest;
    set.info.pictures.resize = true;
    CHECK(set.read().payload_digest != as_they_are); // although no pixel differs
    set.info.shape = {3, side / 2, side / 2};
    set.folder.write("train/zebra/1.png", png(colours(1, 12))); // 12 x 8, others 8 x 8
    const Dataset data = set.read();
    for (int r = 0; r < side / 2; ++r)
        for (int c = 0; c < side / 2; ++c)
            for (int channel = 0; channel < 3; ++channel) {
                // Over 3 x 2 pixels: 20 + 3 (3r + 1) + 2 (2c + 1/2) + 50 channel.
                CHECK(pixel(data.train, 2, channel, r, c) == 24 + 9 * r + 4 * c + 50 * channel);
                // Over 2 x 2 pixels: 40 + 3 (2r + 1/2) + 2 (2c + 1/2) + 50 channel, halves up.
                CHECK(pixel(data.train, 1, channel, r, c) == 43 + 6 * r + 4 * c + 50 * channel);
            }
    set.info.shape = {3, 5, 3}; // which do not divide the sizes
    CHECK(set.read().train.columns == 3);
    CHECK(pixel(set.read().test, 0, 1, 4, 2) == 77);
    set.info.shape = {3, side, side};
    CHECK(set.fault_with("train/zebra/1.png", png(colours(1, 4))) ==
          "D/train/zebra/1.png: the picture is 4 x 8; expected 8 x 8 or more, to be made smaller");
    std::string bomb = png(colours(1)); // whose header claims 4 billion rows
    bomb.replace(bomb.find("IHDR") + 8, 4, "\x7f\xff\xff\xff");
    CHECK(set.fault_with("train/zebra/1.png", bomb) != "");
    CHECK(set.fault_with("train/zebra/1.png", "GIF89a") ==
          "D/train/zebra/1.png: is neither a PNG nor a JPEG file; expected one of them, of 8 x 8 "
          "or more");
}

TEST_CASE("bits = 16: every picture must have them") {
    Pictures set;
    set.info.pictures.bits = 16;
    const std::string refused = " has 8 bits a channel, and the data set's description says 16; "
                                "leave out bits, or save all pictures as PNG with 16";
    CHECK(set.fault() == "D/train/apple/a.JPG:" + refused);
    fs::remove(set.folder.path() / "train/apple/a.JPG");
    CHECK(set.fault() == "D/train/apple/b.png:" + refused);
}

TEST_CASE("bad pictures: cut off, of another size, no picture; folders that do not agree") {
    const std::string whole = jpeg(colours(3)), flat = png(colours(2));
    CHECK(Pictures()
              .fault_with("train/apple/a.JPG", whole.substr(0, whole.size() / 2))
              .rfind("D/train/apple/a.JPG: cannot be read as JPEG (", 0) == 0);
    const Pictures set;
    for (std::size_t size = 0; size + 2 < whole.size(); size += 11)
        CHECK(set.fault_with("train/apple/a.JPG", whole.substr(0, size)).find("; ") !=
              std::string::npos);
    CHECK(Pictures()
              .fault_with("train/apple/b.png", flat.substr(0, 60))
              .rfind("D/train/apple/b.png: cannot be read as PNG (", 0) == 0);
    CHECK(Pictures().fault_with("train/apple/b.png", "GIF89a") ==
          "D/train/apple/b.png: is neither a PNG nor a JPEG file; expected one of them, of 8 x 8");
    CHECK(Pictures().fault_with("train/apple/b.png", png(colours(2, 4))) ==
          "D/train/apple/b.png: the picture is 4 x 8; expected 8 x 8, or resize = \"area\" in "
          "the data set's description");
    CHECK(Pictures().fault_with("train/apple/a.JPG", jpeg(colours(2, 4))) ==
          "D/train/apple/a.JPG: the picture is 4 x 8; expected 8 x 8, or resize = \"area\" in "
          "the data set's description");
    CHECK(Pictures().fault_with("train/plum/b.png", flat) == "D/train: has 3 classes; expected 2");
    CHECK(Pictures().fault_with("test/plum/b.png", flat) ==
          "D/test: the folder plum is of the class \"plum\"; expected one of the 2 of D/train");
    const Pictures empty;
    fs::remove(empty.folder.path() / "train/zebra/1.png");
    CHECK(empty.fault() ==
          "data set small in D: class 1 (from 0) has no training example; expected one or more");
    const Pictures untested;
    fs::remove(untested.folder.path() / "test/zebra/x.jpeg");
    CHECK(untested.fault() == "D: has no pictures for test; expected one or more");
    fs::remove_all(untested.folder.path() / "test");
    CHECK(untested.fault() ==
          "data set small in D: test not found; looked in D, D/small; to get the set: make it");
}

TEST_CASE(
    "Tiny ImageNet's layout: the published validation pictures are for test, their classes from "
    "the annotations") {
    const TinyImageNet set;
    const Dataset data = set.read();
    CHECK(data.train.labels == std::vector<uint16_t>{0, 1});
    CHECK(data.test.labels == std::vector<uint16_t>{1, 0}); // val_0, val_1
    CHECK(pixel(data.test, 0, 2, 4, 4) == 50);
    CHECK(std::abs(int(pixel(data.train, 0, 1, 0, 0)) - 90) <= 4);
    const std::string digest = data.payload_digest;
    set.folder.write("val/val_annotations.txt", "val_1.JPEG\tn02\nval_0.JPEG\tn01\n");
    CHECK(set.read().payload_digest != digest);
}

TEST_CASE("bad folders of Tiny ImageNet") {
    const std::string file = "val/val_annotations.txt",
                      published = "; expected the file as published";
    CHECK(TinyImageNet().fault_with(file, "val_1.JPEG\n") ==
          "D/val/val_annotations.txt: line 1 does not name a picture and its class" + published);
    CHECK(TinyImageNet().fault_with(file, "../x.JPEG\tn01\n") ==
          "D/val/val_annotations.txt: line 1 does not name a picture and its class" + published);
    CHECK(TinyImageNet().fault_with(file, "val_1.JPEG\tn01\nval_9.JPEG\tn01\n") ==
          "D/val/val_annotations.txt: line 2 names val_9.JPEG, which is not in val/images" +
              published);
    CHECK(TinyImageNet().fault_with(file, "val_1.JPEG\tn09\n") ==
          "D/val/val_annotations.txt: line 1 is of the class \"n09\"; expected one of the 2 of "
          "D/train");
    const TinyImageNet cut;
    fs::remove_all(cut.folder.path() / "train/n01/images");
    CHECK(cut.fault() == "D/train/n01/images: not found; expected a folder of pictures");
    const TinyImageNet none;
    fs::remove(none.folder.path() / file);
    CHECK(none.fault() == "D/val/val_annotations.txt: cannot be opened" + published);
}
