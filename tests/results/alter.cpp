// SPDX-License-Identifier: Apache-2.0
#include "alter.hpp"

#include "catch.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <hdf5_hl.h>
#include <base/sha256.hpp>

namespace mneme::results::test {

namespace {

hid_t text_type() {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE), H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

void set_value(hid_t file, const char* path, hid_t type, hsize_t position, const void* value) {
    const hid_t set = H5Dopen2(file, path, H5P_DEFAULT), space = H5Dget_space(set);
    const int rank = H5Sget_simple_extent_ndims(space);
    std::vector<hsize_t> sizes(static_cast<std::size_t>(rank)), at(sizes);
    H5Sget_simple_extent_dims(space, sizes.data(), nullptr);
    for (std::size_t axis = sizes.size(); axis-- > 0; position /= sizes[axis])
        at[axis] = position % sizes[axis];
    H5Sselect_elements(space, H5S_SELECT_SET, 1, at.data());
    const hid_t one = H5Screate(H5S_SCALAR);
    REQUIRE(H5Dwrite(set, type, one, space, H5P_DEFAULT, value) >= 0);
    H5Sclose(one), H5Sclose(space), H5Dclose(set);
}

void set_attribute(hid_t file, const char* path, const char* name, hid_t type, const void* value) {
    if (H5Aexists_by_name(file, path, name, H5P_DEFAULT) > 0)
        H5Adelete_by_name(file, path, name, H5P_DEFAULT);
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t id =
        H5Acreate_by_name(file, path, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    REQUIRE(H5Awrite(id, type, value) >= 0);
    H5Aclose(id), H5Sclose(space);
}

} // namespace

std::string content_digest(hid_t file) {
    const hid_t type = text_type(),
                id = H5Aopen_by_name(file, "/", "content_digest", H5P_DEFAULT, H5P_DEFAULT);
    char* text = nullptr;
    REQUIRE(H5Aread(id, type, &text) >= 0);
    const std::string digest = text;
    H5free_memory(text);
    H5Aclose(id), H5Tclose(type);
    return digest;
}

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void put_bytes(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void set_content_digest(const std::filesystem::path& path, const std::string& old) {
    std::string bytes = bytes_of(path);
    const std::size_t at = bytes.find(old);
    REQUIRE(at != std::string::npos);
    bytes.replace(at, 64, std::string(64, '0'));
    bytes.replace(at, 64, base::sha256_of(bytes));
    put_bytes(path, bytes);
}

void set_int(hid_t file, const char* path, hsize_t position, std::int32_t value) {
    set_value(file, path, H5T_NATIVE_INT32, position, &value);
}

void set_double(hid_t file, const char* path, hsize_t position, double value) {
    set_value(file, path, H5T_NATIVE_DOUBLE, position, &value);
}

double get_double(hid_t file, const char* path, std::size_t position) {
    std::vector<double> all(1000);
    const hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
    REQUIRE(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data()) >= 0);
    H5Dclose(set);
    return all.at(position);
}

void set_text(hid_t file, const char* path, hsize_t position, const char* value) {
    const hid_t type = text_type();
    set_value(file, path, type, position, &value);
    H5Tclose(type);
}

void set_attribute(hid_t file, const char* path, const char* name, const char* value) {
    const hid_t type = text_type();
    set_attribute(file, path, name, type, &value);
    H5Tclose(type);
}

void set_attribute(hid_t file, const char* path, const char* name, std::int32_t value) {
    set_attribute(file, path, name, H5T_NATIVE_INT32, &value);
}

void set_attribute(hid_t file, const char* path, const char* name, double value) {
    set_attribute(file, path, name, H5T_NATIVE_DOUBLE, &value);
}

void remove_attribute(hid_t file, const char* path, const char* name) {
    REQUIRE(H5Adelete_by_name(file, path, name, H5P_DEFAULT) >= 0);
}

void remove(hid_t file, const char* path) { REQUIRE(H5Ldelete(file, path, H5P_DEFAULT) >= 0); }

// A new array of that type and shape instead of the old one, without scales.
void replace(hid_t file, const char* path, hid_t type, std::vector<hsize_t> shape) {
    if (H5Lexists(file, path, H5P_DEFAULT) > 0) remove(file, path);
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t set = H5Dcreate2(file, path, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    REQUIRE(set >= 0);
    H5Dclose(set), H5Sclose(space);
}

std::vector<std::string> faults_after(const Folder& folder, const Change& change) {
    static const Folder originals;
    const auto path = folder / "r.h5", original = originals / "r.h5";
    if (originals.names().empty()) {
        write(original, test::file_of({test::domain_block(), test::class_block()}));
        REQUIRE(validate(original).empty());
    }
    std::filesystem::copy_file(original, path);
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    REQUIRE(file >= 0);
    const std::string digest = content_digest(file);
    change(file);
    REQUIRE(H5Fclose(file) >= 0);
    set_content_digest(path, digest);
    auto faults = validate(path);
    for (std::string& sentence : faults) { // the file's name is the same everywhere
        CHECK(sentence.rfind(path.string() + ": ", 0) == 0);
        sentence.erase(0, path.string().size() + 2);
    }
    return faults;
}

// The change gives this sentence among the faults.
void finds(const Change& change, const std::string& wanted) {
    Folder folder;
    const auto faults = faults_after(folder, change);
    std::string all;
    for (const std::string& sentence : faults) all += "\n  " + sentence;
    INFO("wanted: " << wanted << "\nfound:" << all);
    CHECK(std::find(faults.begin(), faults.end(), wanted) != faults.end());
}

} // namespace mneme::results::test
