// SPDX-License-Identifier: Apache-2.0
// A user's pictures in HDF5: what is read, and every message.
#include "catch.hpp"
#include "support.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include <hdf5.h>

using namespace bench_test;

namespace {

std::string file_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

uint8_t pixel(const Images& part, int64_t row, int64_t channel, int64_t r, int64_t c) {
    return part
        .pixels[std::size_t(((row * part.channels + channel) * part.rows + r) * part.columns + c)];
}

template <class T>
void put(hid_t file, const char* name, hid_t type, const std::vector<hsize_t>& shape,
         const std::vector<T>& values) {
    const hid_t space = H5Screate_simple(int(shape.size()), shape.data(), nullptr);
    const hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Dclose(set);
    H5Sclose(space);
}

struct Hdf5 {
    Folder folder;
    DatasetInfo info;

    Hdf5() {
        info.name = "small";
        info.how_to_get = "make it";
        info.classes = 2;
        info.format = Format::hdf5;
        info.shape = {2, 3};
        info.files = {{"train.h5", 0, "", ""}, {"test.h5", 0, "", ""}};
        write("train.h5", {2, 2, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {1, 0});
        write("test.h5", {1, 2, 3}, {20, 21, 22, 23, 24, 25}, {1});
    }
    Dataset read() const { return load(info, {folder.path()}); }
    std::string fault() const {
        return shorten(folder, fault_of([&] { read(); }));
    }
    std::string fault_with(const std::string& name, const std::string& content) const {
        folder.write(name, content);
        return fault();
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
        "; expected unsigned bytes [count, features], [count, rows, columns] or [count, channels, "
        "rows, columns]";
    const std::vector<uint8_t> x{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    const Hdf5 set;
    const std::string whole = file_of(set.folder.path() / "train.h5");
    CHECK(set.fault_with("train.h5", "no HDF5") ==
          "D/train.h5: cannot be read as HDF5; expected a file with x and y");
    CHECK(set.fault_with("train.h5", whole.substr(0, whole.size() / 2)) ==
          "D/train.h5: cannot be read as HDF5; expected a file with x and y");
    set.write("train.h5", {2, 2, 3}, x, {1, 2});
    CHECK(set.fault() == "D/train.h5: label 1 (from 0) is 2; expected 0 to 1");
    set.write("train.h5", {2, 2, 3}, x, {1, -1});
    CHECK(set.fault() == "D/train.h5: label 1 (from 0) is -1; expected 0 to 1");
    set.write("train.h5", {2, 2, 3}, x, {1});
    CHECK(set.fault() == "D/train.h5: has 1 labels; expected 2, one for each picture");
    set.write("train.h5", {2, 3, 2}, x, {1, 0});
    CHECK(set.fault() == "D/train.h5: has images of 3 x 2; expected 2 x 3");
    set.write("train.h5", {2, 6}, x, {1, 0});
    CHECK(set.fault() == "D/train.h5: has images of 6; expected 2 x 3");
    set.write("train.h5", {12}, x, {1, 0});
    CHECK(set.fault() == "D/train.h5: x has 1 dimensions" + pixels);
    set.write("train.h5", {2, 2, 3}, x, {1, 1});
    CHECK(set.fault() ==
          "data set small in D: class 0 (from 0) has no training example; expected one or more");
    hid_t file = set.create("train.h5");
    put(file, "x", H5T_NATIVE_FLOAT, {2, 2, 3}, std::vector<float>(12));
    H5Fclose(file);
    CHECK(set.fault() == "D/train.h5: x is of another type" + pixels +
                             ", or type = \"float32\" in the description");
    file = set.create("train.h5");
    put(file, "x", H5T_NATIVE_UINT8, {2, 2, 3}, x);
    H5Fclose(file);
    CHECK(set.fault() ==
          "D/train.h5: has no data set y; expected integers [count]; the file has x");
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
                             "; expected a file written to its end");
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
        "D/train.h5: x lies in other files; expected values in the file itself";
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
    CHECK(set.fault() == "D/train.h5: x is a link; expected the values themselves");
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

TEST_CASE("a file that another program has open and locked is read") {
    const Hdf5 set;
    const int other = open((set.folder.path() / "train.h5").c_str(), O_RDWR);
    REQUIRE(flock(other, LOCK_EX) == 0);
    CHECK(set.fault().empty());
    close(other);
}

TEST_CASE("values packed with a filter that is not here: the filter is named") {
    constexpr H5Z_filter_t number = 310;
    const H5Z_class2_t filter{H5Z_CLASS_T_VERS,
                              number,
                              1,
                              1,
                              "tight packing",
                              nullptr,
                              nullptr,
                              [](unsigned, std::size_t, const unsigned*, std::size_t bytes,
                                 std::size_t*, void**) { return bytes; }};
    const Hdf5 set;
    REQUIRE(H5Zregister(&filter) >= 0);
    const hid_t file = set.create("train.h5"), plan = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t sizes[] = {2, 2, 3};
    const std::vector<uint8_t> x{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    H5Pset_chunk(plan, 3, sizes);
    H5Pset_filter(plan, number, H5Z_FLAG_MANDATORY, 0, nullptr);
    const hid_t space = H5Screate_simple(3, sizes, nullptr),
                data =
                    H5Dcreate2(file, "x", H5T_NATIVE_UINT8, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    CHECK(H5Dwrite(data, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, x.data()) >= 0);
    put(file, "y", H5T_NATIVE_INT16, {2}, std::vector<int16_t>{1, 0});
    H5Dclose(data), H5Sclose(space), H5Pclose(plan), H5Fclose(file);
    CHECK(set.fault().empty());
    REQUIRE(H5Zunregister(number) >= 0);
    CHECK(set.fault() ==
          "D/train.h5: x is packed with an HDF5 filter that is not here (tight packing, number "
          "310); pack it with gzip: h5repack -f GZIP=4 OLD NEW");
}
