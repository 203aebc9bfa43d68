// SPDX-License-Identifier: Apache-2.0
// A user's own pictures as HDF5: in each of two files `x`, unsigned bytes [count, rows, columns] or
// [count, channels, rows, columns], and `y`, integers [count].
#include <filesystem>
#include <string>
#include <vector>

#include <hdf5.h>

#include <base/child_read.hpp>
#include <base/hdf5_handle.hpp>

#include "classes.hpp"
#include "input.hpp"

namespace mneme::bench {

namespace {

using Handle = base::Hdf5Handle;

constexpr uint64_t most_bytes = uint64_t{1} << 34;

const std::string
    pixels_wanted =
        "; expected unsigned bytes [count, rows, columns] or [count, channels, rows, columns]",
    labels_wanted = "; expected integers [count]";

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

Shape shape_of(const Input& in, hid_t set, const std::string& name, bool pixels) {
    const Handle type(H5Dget_type(set), H5Tclose), space(H5Dget_space(set), H5Sclose);
    const std::string& wanted = pixels ? pixels_wanted : labels_wanted;
    const bool integers = H5Tget_class(type) == H5T_INTEGER,
               fits = pixels
                          ? integers && H5Tget_size(type) == 1 && H5Tget_sign(type) == H5T_SGN_NONE
                          : integers;
    if (!fits) in.fail(name + " is of another type" + wanted);
    const int rank = H5Sget_simple_extent_ndims(space);
    if (pixels ? rank != 3 && rank != 4 : rank != 1)
        in.fail(name + " has " + std::to_string(rank) + " dimensions" + wanted);
    hsize_t sizes[H5S_MAX_RANK];
    H5Sget_simple_extent_dims(space, sizes, nullptr);
    const Shape shape(sizes, sizes + rank);
    if (values_in(shape, pixels ? 1 : sizeof(int64_t)) == 0)
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

template <class T>
void put_array(const Input& in, hid_t file, const std::string& name, hid_t as,
               const base::ChildRead::Put& put) {
    const bool pixels = sizeof(T) == 1;
    H5L_info_t link{};
    const bool there = H5Lexists(file, name.c_str(), H5P_DEFAULT) > 0 &&
                       H5Lget_info(file, name.c_str(), &link, H5P_DEFAULT) >= 0;
    if (there && link.type != H5L_TYPE_HARD)
        in.fail(name + " is a link; expected the values themselves");
    const Handle set(there ? H5Dopen2(file, name.c_str(), H5P_DEFAULT) : -1, H5Dclose);
    if (!set.valid()) in.fail("has no data set " + name + (pixels ? pixels_wanted : labels_wanted));
    const Shape shape = shape_of(in, set, name, pixels);
    check_storage(in, set, name, shape);
    check_filters(in, set, name);
    std::vector<T> values(values_in(shape, sizeof(T)));
    if (H5Dread(set, as, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
        in.fail(name + " cannot be read; expected a whole HDF5 file");
    const uint64_t rank = shape.size();
    put(&rank, sizeof rank);
    put(shape.data(), rank * sizeof(int64_t));
    put(values.data(), values.size() * sizeof(T));
}

void put_part(const Input& in, const base::ChildRead::Put& put) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); // our sentence instead of its stack
    // Without locks: some network disks have none, and another program may have it open.
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_file_locking(access, false, true);
    const Handle file(H5Fopen(in.name().c_str(), H5F_ACC_RDONLY, access), H5Fclose);
    if (!file.valid()) in.fail("cannot be read as HDF5; expected a file with x and y");
    put_array<uint8_t>(in, file, "x", H5T_NATIVE_UINT8, put);
    put_array<int64_t>(in, file, "y", H5T_NATIVE_INT64, put);
}

// What runs in the parent.

template <class T> std::vector<T> take_array(base::ChildRead& child, Shape& shape) {
    uint64_t rank = 0;
    child.take(&rank, sizeof rank);
    if (rank < 1 || rank > 4) child.died();
    shape.resize(rank);
    child.take(shape.data(), rank * sizeof(int64_t));
    std::vector<T> values(values_in(shape, sizeof(T)));
    if (values.empty()) child.died();
    child.take(values.data(), values.size() * sizeof(T));
    return values;
}

void read_part(const DatasetInfo& info, const Input& in, Images& part, int64_t shift) {
    base::ChildRead child(in.name(), [&](const base::ChildRead::Put& put) { put_part(in, put); });
    Shape x, y;
    auto pixels = take_array<uint8_t>(child, x);
    const auto labels = take_array<int64_t>(child, y);
    const int64_t count = x[0];
    if (y[0] != count)
        in.fail("has " + std::to_string(y[0]) + " labels; expected " + std::to_string(count) +
                ", one for each picture");
    for (std::size_t i = 0; i < labels.size(); ++i) check_label(info, in, "label ", i, labels[i]);
    const Shape shape(x.begin() + 1, x.end());
    if (shape != info.shape)
        in.fail("has images of " + times(shape) + "; expected " + times(info.shape));
    append_images(part, shape, count, std::move(pixels));
    for (int64_t label : labels) part.labels.push_back(uint16_t(label + shift));
}

} // namespace

std::vector<std::string> read_hdf5(const DatasetInfo& info, const Place& place, Dataset& into) {
    std::vector<std::string> digests;
    for (std::size_t f = 0; f < 2; ++f) {
        const auto in = open_file(place.path / info.files[f].name, "an HDF5 file");
        skip_rest(*in, std::filesystem::file_size(in->name())); // a .gz would be longer inside
        digests.push_back(checked_sha256(info, f, *in));
        read_part(info, *in, f == 0 ? into.train : into.test, into.classes);
    }
    return digests;
}

} // namespace mneme::bench
