// SPDX-License-Identifier: Apache-2.0
// A user's pictures in folders and in HDF5, and Tiny ImageNet from small files made in the same
// layout: what is read, and every message.
#include "catch.hpp"
#include "support.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <hdf5.h>
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

template <class T>
void put(hid_t file, const char* name, hid_t type, const std::vector<hsize_t>& shape,
         const std::vector<T>& values) {
    const hid_t space = H5Screate_simple(int(shape.size()), shape.data(), nullptr);
    const hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Dclose(set);
    H5Sclose(space);
}

struct Hdf5 : Pictures {
    Hdf5() {
        info.format = Format::hdf5;
        info.shape = {2, 3};
        info.files = {{"train.h5", 0, "", ""}, {"test.h5", 0, "", ""}};
        write("train.h5", {2, 2, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {1, 0});
        write("test.h5", {1, 2, 3}, {20, 21, 22, 23, 24, 25}, {1});
    }
    void write(const std::string& name, const std::vector<hsize_t>& shape,
               const std::vector<uint8_t>& x, const std::vector<int16_t>& y) const {
        const hid_t file = create(name);
        put(file, "x", H5T_NATIVE_UINT8, shape, x);
        put(file, "y", H5T_NATIVE_INT16, {y.size()}, y);
        H5Fclose(file);
    }
    hid_t create(const std::string& name) const {
        return H5Fcreate((folder.path() / name).c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
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
    CHECK(grey.read().train.channels == 1);
    CHECK(pixel(grey.read().train, 2, 0, 5, 5) == 9);
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

TEST_CASE("bad pictures: cut off, of another size, no picture; folders that do not agree") {
    const std::string whole = jpeg(colours(3)), flat = png(colours(2));
    CHECK(Pictures()
              .fault_with("train/apple/a.JPG", whole.substr(0, whole.size() / 2))
              .rfind("D/train/apple/a.JPG: cannot be read as JPEG (", 0) == 0);
    const Pictures set;
    for (std::size_t size = 0; size + 2 < whole.size(); size += 11)
        CHECK(set.fault_with("train/apple/a.JPG", whole.substr(0, size)).find("would be right") !=
              std::string::npos);
    CHECK(Pictures()
              .fault_with("train/apple/b.png", flat.substr(0, 60))
              .rfind("D/train/apple/b.png: cannot be read as PNG (", 0) == 0);
    CHECK(Pictures().fault_with("train/apple/b.png", "GIF89a") ==
          "D/train/apple/b.png: is no PNG and no JPEG; one of them, of 8 x 8, would be right");
    CHECK(Pictures().fault_with("train/apple/b.png", png(colours(2, 4))) ==
          "D/train/apple/b.png: is of 4 x 8; 8 x 8 would be right");
    CHECK(Pictures().fault_with("train/apple/a.JPG", jpeg(colours(2, 4))) ==
          "D/train/apple/a.JPG: is of 4 x 8; 8 x 8 would be right");
    CHECK(Pictures().fault_with("train/plum/b.png", flat) ==
          "D/train: has 3 classes; 2 would be right");
    CHECK(
        Pictures().fault_with("test/plum/b.png", flat) ==
        "D/test: the folder plum is of the class \"plum\"; one of the 2 of D/train would be right");
    const Pictures empty;
    fs::remove(empty.folder.path() / "train/zebra/1.png");
    CHECK(empty.fault() ==
          "data set small in D: class 1 (from 0) has no training example; one or more would be "
          "right");
    const Pictures untested;
    fs::remove(untested.folder.path() / "test/zebra/x.jpeg");
    CHECK(untested.fault() == "D: has no pictures for test; one or more would be right");
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
                      published = "; the file as published would be right";
    CHECK(TinyImageNet().fault_with(file, "val_1.JPEG\n") ==
          "D/val/val_annotations.txt: line 1 is no picture and class" + published);
    CHECK(TinyImageNet().fault_with(file, "../x.JPEG\tn01\n") ==
          "D/val/val_annotations.txt: line 1 is no picture and class" + published);
    CHECK(TinyImageNet().fault_with(file, "val_1.JPEG\tn01\nval_9.JPEG\tn01\n") ==
          "D/val/val_annotations.txt: line 2 names val_9.JPEG, which is not in val/images" +
              published);
    CHECK(TinyImageNet().fault_with(file, "val_1.JPEG\tn09\n") ==
          "D/val/val_annotations.txt: line 1 is of the class \"n09\"; one of the 2 of D/train "
          "would be right");
    const TinyImageNet cut;
    fs::remove_all(cut.folder.path() / "train/n01/images");
    CHECK(cut.fault() == "D/train/n01/images: not found; a folder of pictures would be right");
    const TinyImageNet none;
    fs::remove(none.folder.path() / file);
    CHECK(none.fault() == "D/val/val_annotations.txt: cannot be opened" + published);
}

TEST_CASE("pictures in HDF5: x and y, one channel or several") {
    Hdf5 set;
    const Dataset data = set.read();
    CHECK(data.train.labels == std::vector<uint16_t>{1, 0});
    CHECK(data.train.pixels == std::vector<uint8_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    CHECK(data.test.pixels == std::vector<uint8_t>{20, 21, 22, 23, 24, 25});
    CHECK(data.payload_digest == sha256(sha256(file_of(set.folder.path() / "train.h5")) +
                                        sha256(file_of(set.folder.path() / "test.h5"))));
    set.info.shape = {3, 1, 2};
    for (const char* name : {"train.h5", "test.h5"})
        set.write(name, {2, 3, 1, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {1, 0});
    CHECK(pixel(set.read().train, 1, 2, 0, 1) == 11);
}

TEST_CASE(
    "bad HDF5: no such file, cut off, arrays missing, of another type or size, labels out of "
    "range") {
    const std::string pixels =
        "; unsigned bytes [count, rows, columns] or [count, channels, rows, columns] would be "
        "right";
    const std::vector<uint8_t> x{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    const Hdf5 set;
    const std::string whole = file_of(set.folder.path() / "train.h5");
    CHECK(set.fault_with("train.h5", "no HDF5") ==
          "D/train.h5: cannot be read as HDF5; a file with x and y would be right");
    CHECK(set.fault_with("train.h5", whole.substr(0, whole.size() / 2)) ==
          "D/train.h5: cannot be read as HDF5; a file with x and y would be right");
    set.write("train.h5", {2, 2, 3}, x, {1, 2});
    CHECK(set.fault() == "D/train.h5: label 1 (from 0) is 2; 0 to 1 would be right");
    set.write("train.h5", {2, 2, 3}, x, {1, -1});
    CHECK(set.fault() == "D/train.h5: label 1 (from 0) is -1; 0 to 1 would be right");
    set.write("train.h5", {2, 2, 3}, x, {1});
    CHECK(set.fault() == "D/train.h5: has 1 labels; 2, one for each picture, would be right");
    set.write("train.h5", {2, 3, 2}, x, {1, 0});
    CHECK(set.fault() == "D/train.h5: has images of 3 x 2; 2 x 3 would be right");
    set.write("train.h5", {2, 6}, x, {1, 0});
    CHECK(set.fault() == "D/train.h5: x has 2 dimensions" + pixels);
    set.write("train.h5", {2, 2, 3}, x, {1, 1});
    CHECK(set.fault() ==
          "data set small in D: class 0 (from 0) has no training example; one or more would be "
          "right");
    hid_t file = set.create("train.h5");
    put(file, "x", H5T_NATIVE_FLOAT, {2, 2, 3}, std::vector<float>(12));
    H5Fclose(file);
    CHECK(set.fault() == "D/train.h5: x is of another type" + pixels);
    file = set.create("train.h5");
    put(file, "x", H5T_NATIVE_UINT8, {2, 2, 3}, x);
    H5Fclose(file);
    CHECK(set.fault() == "D/train.h5: has no data set y; integers [count] would be right");
    file = set.create("train.h5");
    const hsize_t huge[] = {100000000, 2, 3}, chunk[] = {1024, 2, 3};
    const hid_t space = H5Screate_simple(3, huge, nullptr), chunked = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(chunked, 3, chunk);
    H5Dclose(H5Dcreate2(file, "x", H5T_NATIVE_UINT8, space, H5P_DEFAULT, chunked,
                        H5P_DEFAULT)); // promised, never written
    H5Pclose(chunked);
    H5Sclose(space);
    H5Fclose(file);
    CHECK(set.fault() == "D/train.h5: x is 100000000 x 2 x 3 but holds 0 bytes in a file of " +
                             std::to_string(fs::file_size(set.folder.path() / "train.h5")) +
                             "; a file written to its end would be right");
}

TEST_CASE("values that lie in other files are refused: they are in no checksum") {
    const std::vector<uint8_t> x{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    const Hdf5 set;
    const std::string elsewhere = set.folder.write("elsewhere", std::string(12, '\7')).string();
    const hsize_t sizes[] = {2, 2, 3};
    const hid_t space = H5Screate_simple(3, sizes, nullptr);
    const auto fault_of_plan = [&](hid_t plan) {
        const hid_t file = set.create("train.h5");
        H5Dclose(H5Dcreate2(file, "x", H5T_NATIVE_UINT8, space, H5P_DEFAULT, plan, H5P_DEFAULT));
        put(file, "y", H5T_NATIVE_INT16, {2}, std::vector<int16_t>{1, 0});
        H5Fclose(file);
        H5Pclose(plan);
        return set.fault();
    };
    const std::string refused =
        "D/train.h5: x lies in other files; values in the file itself would be right";
    const hid_t external = H5Pcreate(H5P_DATASET_CREATE), mapped = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(external, elsewhere.c_str(), 0, 12);
    CHECK(fault_of_plan(external) == refused);
    H5Pset_virtual(mapped, space, (set.folder.path() / "test.h5").c_str(), "x", space);
    CHECK(fault_of_plan(mapped) == refused);
    H5Sclose(space);
    const hid_t file = set.create("train.h5");
    H5Lcreate_external((set.folder.path() / "test.h5").c_str(), "x", file, "x", H5P_DEFAULT,
                       H5P_DEFAULT);
    put(file, "y", H5T_NATIVE_INT16, {1}, std::vector<int16_t>{1});
    H5Fclose(file);
    CHECK(set.fault() == "D/train.h5: x is a link; the values themselves would be right");
}

TEST_CASE("a damaged HDF5 file gives a data set or a sentence, whatever the library does with it") {
    const Hdf5 set;
    const std::string whole = file_of(set.folder.path() / "train.h5");
    int sound = 0, refused = 0;
    for (std::size_t at = 0; at < whole.size(); at += whole.size() / 150)
        for (char damage : {'\x01', '\xff'}) {
            std::string bytes = whole;
            bytes[at] ^= damage;
            const std::string sentence = set.fault_with("train.h5", bytes);
            ++(sentence.empty() ? sound : refused);
            if (!sentence.empty()) CHECK(sentence.find("; ") != std::string::npos);
        }
    CHECK(sound > 0);
    CHECK(refused > 0);
}
