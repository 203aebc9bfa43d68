// SPDX-License-Identifier: Apache-2.0
// A user's own data as HDF5: in each of two files (or in one, under other names) `x`, [count,
// features], [count, rows, columns] or [count, channels, rows, columns], of unsigned bytes or of
// floats, and `y`, integers [count].
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <hdf5.h>

#include <base/child_read.hpp>
#include <base/hdf5_handle.hpp>

#include "classes.hpp"
#include "input.hpp"
#include "numbers.hpp"

namespace mneme::bench {

namespace {

using Handle = base::Hdf5Handle;

constexpr uint64_t most_bytes = uint64_t{1} << 34;

const std::string labels_wanted = "; expected integers [count]";

// What is read of a file: `x` or `y`, under its name there.
struct Wanted {
    std::string name;
    bool labels;
    ValueType type;
    std::size_t bytes_each;

    std::string sentence() const {
        if (labels) return labels_wanted;
        return std::string("; expected ") +
               (type == ValueType::byte ? "unsigned bytes" : "float16, float32 or float64") +
               " [count, features], [count, rows, columns] or [count, channels, rows, columns]";
    }
    hid_t memory_type() const {
        return labels                    ? H5T_NATIVE_INT64
               : type == ValueType::byte ? H5T_NATIVE_UINT8
                                         : H5T_NATIVE_FLOAT;
    }
};

using Shape = std::vector<int64_t>;

// Of so many bytes each; 0 where they are more than we take, or none.
uint64_t values_in(const Shape& shape, std::size_t bytes_each) {
    uint64_t count = 1;
    for (int64_t size : shape) {
        if (size < 1 || count > most_bytes / bytes_each / uint64_t(size)) return 0;
        count *= uint64_t(size);
    }
    return count;
}

// What runs in the child: it puts the number of sizes, the sizes, the values.

// Only what can be meant otherwise: a description with a word too few or too many.
std::string remedy_of(hid_t type, const Wanted& wanted) {
    const bool floats = H5Tget_class(type) == H5T_FLOAT, bytes = wanted.type == ValueType::byte;
    if (wanted.labels || floats != bytes) return "";
    return bytes ? ", or type = \"float32\" in the description"
                 : ", as x.astype(\"float32\") makes them";
}

void check_type(const Input& in, hid_t set, const Wanted& wanted) {
    const Handle type(H5Dget_type(set), H5Tclose);
    const bool integers = H5Tget_class(type) == H5T_INTEGER,
               byte = integers && H5Tget_size(type) == 1 && H5Tget_sign(type) == H5T_SGN_NONE,
               real = H5Tget_class(type) == H5T_FLOAT && H5Tget_size(type) <= sizeof(double);
    const bool fits = wanted.labels ? integers : wanted.type == ValueType::byte ? byte : real;
    if (!fits)
        in.fail(wanted.name + " is of another type" + wanted.sentence() + remedy_of(type, wanted));
}

Shape shape_of(const Input& in, hid_t set, const Wanted& wanted) {
    const std::string& name = wanted.name;
    const Handle space(H5Dget_space(set), H5Sclose);
    const int rank = H5Sget_simple_extent_ndims(space);
    if (wanted.labels ? rank != 1 : rank < 2 || rank > 4)
        in.fail(name + " has " + std::to_string(rank) + " dimensions" + wanted.sentence());
    hsize_t sizes[H5S_MAX_RANK];
    H5Sget_simple_extent_dims(space, sizes, nullptr);
    const Shape shape(sizes, sizes + rank);
    if (values_in(shape, wanted.bytes_each) == 0)
        in.fail(name + " has sizes " + times(shape) +
                "; expected sizes of at least 1 and at most 16 GiB in all");
    return shape;
}

// What is not in the file must not make us allocate, and is not in the checksum of its bytes.
void check_storage(const Input& in, hid_t set, const std::string& name, const Shape& shape) {
    const uint64_t count = values_in(shape, 1);
    const Handle plan(H5Dget_create_plist(set), H5Pclose);
    if (!plan.valid() || H5Pget_layout(plan) == H5D_VIRTUAL || H5Pget_external_count(plan) != 0)
        in.fail(name + " lies in other files; expected values in the file itself");
    const uint64_t stored = H5Dget_storage_size(set), size = std::filesystem::file_size(in.name());
    // A chunk that was never written is read as zeros; one that was is packed to a thousandth at
    // most.
    if (stored > size || (count > 1024 && stored < count / 2048))
        in.fail(name + " is " + times(shape) + " but holds " + std::to_string(stored) +
                " bytes in a file of " + std::to_string(size) +
                "; expected a file written to its end");
}

void check_filters(const Input& in, hid_t set, const std::string& name) {
    const Handle plan(H5Dget_create_plist(set), H5Pclose);
    const int filters = H5Pget_nfilters(plan);
    for (int f = 0; f < filters; ++f) {
        unsigned flags = 0, config = 0;
        std::size_t values = 0;
        char title[64] = {};
        const H5Z_filter_t number = H5Pget_filter2(plan, unsigned(f), &flags, &values, nullptr,
                                                   sizeof title, title, &config);
        if (number < 0 || H5Zfilter_avail(number) > 0) continue;
        const std::string called = title[0] ? in_words(title) + ", number " : "number ";
        in.fail(name + " is packed with an HDF5 filter that is not here (" + called +
                std::to_string(number) + "); pack it with gzip: h5repack -f GZIP=4 OLD NEW");
    }
}

// No part of a name such as "train/features" may be a link.
bool is_there(const Input& in, hid_t file, const std::string& name) {
    for (std::size_t end = 0; end != std::string::npos;) {
        end = name.find('/', end + 1);
        const std::string path = name.substr(0, end);
        H5L_info_t link{};
        if (H5Lexists(file, path.c_str(), H5P_DEFAULT) <= 0 ||
            H5Lget_info(file, path.c_str(), &link, H5P_DEFAULT) < 0)
            return false;
        if (link.type != H5L_TYPE_HARD)
            in.fail(path + " is a link; expected the values themselves");
    }
    return true;
}

// "; it has features, labels"
std::string names_in(hid_t file) {
    H5G_info_t group{};
    if (H5Gget_info(file, &group) < 0 || group.nlinks == 0) return "";
    std::string names;
    for (hsize_t i = 0; i < std::min<hsize_t>(group.nlinks, 8); ++i) {
        char name[80] = {};
        if (H5Lget_name_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, sizeof name,
                               H5P_DEFAULT) >= 0)
            names += (names.empty() ? "" : ", ") + in_words(name);
    }
    return "; the file has " + names;
}

void put_array(const Input& in, hid_t file, const Wanted& wanted, const base::ChildRead::Put& put) {
    const std::string& name = wanted.name;
    const Handle set(is_there(in, file, name) ? H5Dopen2(file, name.c_str(), H5P_DEFAULT) : -1,
                     H5Dclose);
    if (!set.valid()) in.fail("has no data set " + name + wanted.sentence() + names_in(file));
    check_type(in, set, wanted);
    const Shape shape = shape_of(in, set, wanted);
    check_storage(in, set, name, shape);
    check_filters(in, set, name);
    std::vector<uint8_t> values(values_in(shape, wanted.bytes_each) * wanted.bytes_each);
    if (H5Dread(set, wanted.memory_type(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
        in.fail(name + " cannot be read; expected a whole HDF5 file");
    const uint64_t rank = shape.size();
    put(&rank, sizeof rank);
    put(shape.data(), rank * sizeof(int64_t));
    put(values.data(), values.size());
}

void put_part(const Input& in, const Wanted& x, const Wanted& y, const base::ChildRead::Put& put) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); // our sentence instead of its stack
    // Without locks: some network disks have none, and another program may have it open.
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_file_locking(access, false, true);
    const Handle file(H5Fopen(in.name().c_str(), H5F_ACC_RDONLY, access), H5Fclose);
    if (!file.valid())
        in.fail("cannot be read as HDF5; expected a file with " + x.name + " and " + y.name);
    put_array(in, file, x, put);
    put_array(in, file, y, put);
}

// What runs in the parent.

template <class T>
std::vector<T> take_array(base::ChildRead& child, const Wanted& wanted, Shape& shape) {
    uint64_t rank = 0;
    child.take(&rank, sizeof rank);
    if (rank < 1 || rank > 4) child.died();
    shape.resize(rank);
    child.take(shape.data(), rank * sizeof(int64_t));
    std::vector<T> values(values_in(shape, wanted.bytes_each) * wanted.bytes_each / sizeof(T));
    if (values.empty()) child.died();
    child.take(values.data(), values.size() * sizeof(T));
    return values;
}

void read_part(const DatasetInfo& info, const Input& in, std::size_t f, Dataset& into) {
    const Wanted x{info.arrays[2 * f], false, info.values, value_bytes(info.values)},
        y{info.arrays[2 * f + 1], true, info.values, sizeof(int64_t)};
    base::ChildRead child(in.name(),
                          [&](const base::ChildRead::Put& put) { put_part(in, x, y, put); });
    ValueArray array;
    Shape labels_shape;
    array.bytes = take_array<uint8_t>(child, x, array.shape);
    const auto labels = take_array<int64_t>(child, y, labels_shape);
    append_array(info, in, x.name, std::move(array), labels, f == 0 ? into.train : into.test,
                 into.classes);
}

} // namespace

std::vector<std::string> read_hdf5(const DatasetInfo& info, const Place& place, Dataset& into) {
    std::vector<std::string> digests;
    for (std::size_t f = 0; f < 2; ++f) {
        const auto in = open_file(place.path / info.files[f].name, "an HDF5 file");
        skip_rest(*in, std::filesystem::file_size(in->name())); // a .gz would be longer inside
        digests.push_back(checked_sha256(info, f, *in));
        read_part(info, *in, f, into);
    }
    return digests;
}

} // namespace mneme::bench
