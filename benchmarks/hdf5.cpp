// SPDX-License-Identifier: Apache-2.0
// A user's own pictures as HDF5: in each of two files `x`, unsigned bytes [count, rows, columns] or [count, channels, rows, columns], and
// `y`, integers [count].
#include <functional>
#include <memory>

#include <hdf5.h>

#include "input.hpp"

namespace mneme::bench {

namespace {

class Handle final {
  public:
    Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
    ~Handle() {
        if (id_ >= 0) close_(id_);
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    operator hid_t() const { return id_; }
    bool good() const { return id_ >= 0; }

  private:
    const hid_t id_;
    herr_t (*const close_)(hid_t);
};

constexpr hsize_t most_bytes = hsize_t{1} << 34;

struct Array {
    std::vector<int64_t> shape;
    std::vector<uint8_t> bytes;   // of x
    std::vector<int64_t> numbers; // of y
};

Array read_array(const Input& in, hid_t file, const char* name, bool pixels) {
    const std::string wanted = pixels ? "; unsigned bytes [count, rows, columns] or [count, channels, rows, columns] would be right"
                                      : "; integers [count] would be right";
    const Handle set(H5Lexists(file, name, H5P_DEFAULT) > 0 ? H5Dopen2(file, name, H5P_DEFAULT) : -1, H5Dclose);
    if (!set.good()) in.fail(std::string("has no data set ") + name + wanted);
    const Handle type(H5Dget_type(set), H5Tclose), space(H5Dget_space(set), H5Sclose);
    const bool integers = H5Tget_class(type) == H5T_INTEGER,
               fits = pixels ? integers && H5Tget_size(type) == 1 && H5Tget_sign(type) == H5T_SGN_NONE : integers;
    if (!fits) in.fail(std::string(name) + " is of another type" + wanted);
    hsize_t sizes[H5S_MAX_RANK];
    const int rank = H5Sget_simple_extent_ndims(space);
    H5Sget_simple_extent_dims(space, sizes, nullptr);
    if (pixels ? rank != 3 && rank != 4 : rank != 1) in.fail(std::string(name) + " has " + std::to_string(rank) + " dimensions" + wanted);
    hsize_t count = 1;
    Array array;
    for (int d = 0; d < rank; ++d) {
        array.shape.push_back(int64_t(sizes[d]));
        if (sizes[d] == 0 || count > most_bytes / sizes[d])
            in.fail(std::string(name) + " has sizes " + times(array.shape) +
                    "; sizes of at least 1 and at most 16 GiB in all would be right");
        count *= sizes[d];
    }
    // A chunk that was never written is read as zeros: what is not in the file must not make us allocate.
    if (count > 1024 && H5Dget_storage_size(set) < count / 2048)
        in.fail(std::string(name) + " is " + times(array.shape) + " but holds " + std::to_string(H5Dget_storage_size(set)) +
                " bytes; a file written to its end would be right");
    if (pixels) array.bytes.resize(count);
    else array.numbers.resize(count);
    const herr_t status = pixels ? H5Dread(set, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, array.bytes.data())
                                 : H5Dread(set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, array.numbers.data());
    if (status < 0) in.fail(std::string(name) + " cannot be read; a whole HDF5 file would be right");
    return array;
}

void read_part(const DatasetInfo& info, const Input& in, Images& part, int64_t shift) {
    const Handle file(H5Fopen(in.name().c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    if (!file.good()) in.fail("cannot be read as HDF5; a file with x and y would be right");
    Array x = read_array(in, file, "x", true);
    const Array y = read_array(in, file, "y", false);
    if (y.shape[0] != x.shape[0])
        in.fail("has " + std::to_string(y.shape[0]) + " labels; " + std::to_string(x.shape[0]) + ", one for each picture, would be right");
    for (std::size_t i = 0; i < y.numbers.size(); ++i) check_label(info, in, "label ", i, y.numbers[i]);
    const std::vector<int64_t> shape(x.shape.begin() + 1, x.shape.end());
    if (shape != info.shape) in.fail("has images of " + times(shape) + "; " + times(info.shape) + " would be right");
    append_images(part, shape, x.shape[0], std::move(x.bytes));
    for (int64_t label : y.numbers) part.labels.push_back(uint16_t(label + shift));
}

} // namespace

std::vector<std::string> read_hdf5(const DatasetInfo& info, const Place& place, Dataset& into) {
    H5E_auto2_t print = nullptr;
    void* to = nullptr;
    H5Eget_auto2(H5E_DEFAULT, &print, &to);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); // our sentence instead of its stack
    const std::unique_ptr<void, std::function<void(void*)>> restored(&print, [&](void*) { H5Eset_auto2(H5E_DEFAULT, print, to); });
    std::vector<std::string> digests;
    for (std::size_t f = 0; f < 2; ++f) {
        const auto in = open_file(place.path / info.files[f].name, "an HDF5 file");
        skip_rest(*in);
        digests.push_back(checked_sha256(info, f, *in));
        read_part(info, *in, f == 0 ? into.train : into.test, into.classes);
    }
    return digests;
}

} // namespace mneme::bench
