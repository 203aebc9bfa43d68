// SPDX-License-Identifier: Apache-2.0
#include "hdf5_output.hpp"

#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <hdf5_hl.h>

#include <base/concat.hpp>
#include "hdf5_check.hpp"

namespace mneme::results {

using base::concat;

namespace {

constexpr std::size_t contiguous_limit = std::size_t{64}
                                         << 10; // bytes; larger arrays are chunked and compressed
constexpr std::size_t chunk_limit = std::size_t{1}
                                    << 20; // bytes; HDF5's default chunk cache holds one

template <class T> struct Stored;
template <> struct Stored<std::int32_t> {
    static Hdf5Handle file(const Checked&) { return Hdf5Handle(H5Tcopy(H5T_STD_I32LE), H5Tclose); }
    static Hdf5Handle memory(const Checked&) {
        return Hdf5Handle(H5Tcopy(H5T_NATIVE_INT32), H5Tclose);
    }
};
template <> struct Stored<std::uint16_t> {
    static Hdf5Handle file(const Checked&) { return Hdf5Handle(H5Tcopy(H5T_STD_U16LE), H5Tclose); }
    static Hdf5Handle memory(const Checked&) {
        return Hdf5Handle(H5Tcopy(H5T_NATIVE_UINT16), H5Tclose);
    }
};
template <> struct Stored<double> {
    static Hdf5Handle file(const Checked&) { return Hdf5Handle(H5Tcopy(H5T_IEEE_F64LE), H5Tclose); }
    static Hdf5Handle memory(const Checked&) {
        return Hdf5Handle(H5Tcopy(H5T_NATIVE_DOUBLE), H5Tclose);
    }
};
template <> struct Stored<float> {
    static Hdf5Handle file(const Checked&) { return Hdf5Handle(H5Tcopy(H5T_IEEE_F32LE), H5Tclose); }
    static Hdf5Handle memory(const Checked&) {
        return Hdf5Handle(H5Tcopy(H5T_NATIVE_FLOAT), H5Tclose);
    }
};
template <> struct Stored<std::string> {
    static Hdf5Handle file(const Checked& check) { return utf8_type(check); }
    static Hdf5Handle memory(const Checked& check) { return utf8_type(check); }
};

// Calls write(pointer) with what HDF5 wants in memory for these values.
template <class T, class Write> void with_buffer(const T* values, std::size_t count, Write write) {
    if constexpr (std::is_same_v<T, std::string>) {
        std::vector<std::string> clean;
        for (std::size_t i = 0; i < count; ++i) clean.push_back(valid_utf8(values[i]));
        std::vector<const char*> pointers;
        for (const std::string& text : clean) pointers.push_back(text.c_str());
        write(pointers.data());
    } else {
        write(values);
    }
}

Hdf5Handle file_creation(const Checked& check) {
    Hdf5Handle list = check.id(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "create");
    check.ok(H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
             "create");
    check.ok(H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
             "create");
    check.ok(H5Pset_obj_track_times(list, false), "create");
    return list;
}

Hdf5Handle file_access(const Checked& check, H5FD_file_image_callbacks_t callbacks) {
    Hdf5Handle list = check.id(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "create");
    check.ok(H5Pset_fapl_core(list, std::size_t{1} << 20, false), "create");
    check.ok(H5Pset_file_image_callbacks(list, &callbacks), "create");
    check.ok(H5Pset_libver_bounds(list, H5F_LIBVER_V18, H5F_LIBVER_V18), "create");
    check.ok(H5Pset_fclose_degree(list, H5F_CLOSE_SEMI),
             "create"); // a leaked handle is an error, not a postponed close
    return list;
}

// Trailing axes stay whole as long as they can: a reader takes a method or a seed at a time.
std::vector<hsize_t> chunk_of(std::vector<hsize_t> shape, std::size_t item) {
    std::size_t bytes = item;
    for (hsize_t size : shape) bytes *= size;
    for (hsize_t& size : shape)
        while (bytes > chunk_limit && size > 1) {
            bytes /= size;
            size = (size + 1) / 2;
            bytes *= size;
        }
    return shape;
}

} // namespace

// Memory that HDF5's core driver fills, kept when it closes the file. (H5Fget_file_image hands out
// the superblock with a wrong checksum in the 1.8 format.)
class Image final {
  public:
    Image() = default;
    Image(const Image&) = delete;
    Image& operator=(const Image&) = delete;
    ~Image() { std::free(memory_); }

    H5FD_file_image_callbacks_t callbacks() {
        return {[](std::size_t size, H5FD_file_image_op_t, void*) { return std::malloc(size); },
                [](void* to, const void* from, std::size_t size, H5FD_file_image_op_t, void*) {
                    return std::memcpy(to, from, size);
                },
                [](void* old, std::size_t size, H5FD_file_image_op_t, void*) {
                    return std::realloc(old, size);
                },
                [](void* memory, H5FD_file_image_op_t operation, void* self) -> herr_t {
                    if (operation == H5FD_FILE_IMAGE_OP_FILE_CLOSE)
                        static_cast<Image*>(self)->memory_ = static_cast<unsigned char*>(memory);
                    else std::free(memory);
                    return 0;
                },
                [](void* self) { return self; },
                [](void*) -> herr_t { return 0; },
                this};
    }

    // Up to the end-of-file address, at byte 28 of a version 2 superblock; behind it is room to
    // grow.
    std::span<std::byte> bytes() const {
        std::uint64_t end = 0;
        for (int i = 7; i >= 0; --i) end = end << 8 | memory_[28 + i];
        return {reinterpret_cast<std::byte*>(memory_), end};
    }

  private:
    unsigned char* memory_ = nullptr;
};

struct Output::State {
    Checked check;
    Image image;
    Hdf5Handle file;

    explicit State(const std::string& name)
        : check(name), file(check.id(H5Fcreate("mneme-results", H5F_ACC_TRUNC, file_creation(check),
                                               file_access(check, image.callbacks())),
                                     H5Fclose, "create a file in memory")) {}
    Hdf5Handle open(const std::string& path) const {
        return check.id(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose, "open " + path);
    }
};

Output::Output(const std::string& file) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); // we say it ourselves
    state_ = std::make_unique<State>(file);
}

Output::~Output() = default;

void Output::group(const std::string& path) {
    const Checked& check = state_->check;
    Hdf5Handle list = check.id(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, "create group " + path);
    check.ok(H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
             "create group " + path);
    check.ok(H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
             "create group " + path);
    check.ok(H5Pset_obj_track_times(list, false), "create group " + path);
    check.id(H5Gcreate2(state_->file, path.c_str(), H5P_DEFAULT, list, H5P_DEFAULT), H5Gclose,
             "create group " + path);
}

template <class T>
void Output::dataset(const std::string& path, const std::vector<std::size_t>& shape,
                     const std::vector<T>& values, std::optional<T> fill) {
    const Checked& check = state_->check;
    const std::string operation = "write " + path;
    const Hdf5Handle file_type = Stored<T>::file(check), memory_type = Stored<T>::memory(check);
    const std::vector<hsize_t> sizes(shape.begin(), shape.end());
    const Hdf5Handle space = check.id(
        shape.empty() ? H5Screate(H5S_SCALAR)
                      : H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr),
        H5Sclose, operation);
    const Hdf5Handle list = check.id(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, operation);
    check.ok(H5Pset_obj_track_times(list, false), operation);
    const std::size_t item = H5Tget_size(file_type);
    // HDF5 has no filter for texts of any length; they lie in its heap, whatever is done here.
    const bool packed = !std::is_same_v<T, std::string> && !shape.empty() &&
                        values.size() * item > contiguous_limit;
    if (packed) {
        const std::vector<hsize_t> chunk = chunk_of(sizes, item);
        check.ok(H5Pset_chunk(list, static_cast<int>(chunk.size()), chunk.data()), operation);
        check.ok(H5Pset_shuffle(list), operation);
        check.ok(H5Pset_deflate(list, 4), operation);
        check.ok(H5Pset_fletcher32(list), operation);
    }
    if constexpr (!std::is_same_v<T, std::string>)
        if (fill) check.ok(H5Pset_fill_value(list, memory_type, &*fill), operation);
    const Hdf5Handle set = check.id(
        H5Dcreate2(state_->file, path.c_str(), file_type, space, H5P_DEFAULT, list, H5P_DEFAULT),
        H5Dclose, operation);
    with_buffer(values.data(), values.size(), [&](const void* buffer) {
        check.ok(H5Dwrite(set, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer), operation);
    });
    if (fill) attribute(path, "_FillValue", *fill);
}

template <class T>
void Output::attribute(const std::string& path, const std::string& name, const T& value) {
    const Checked& check = state_->check;
    const std::string operation = "write attribute " + name + " of " + path;
    const Hdf5Handle object = state_->open(path);
    const Hdf5Handle file_type = Stored<T>::file(check), memory_type = Stored<T>::memory(check);
    const Hdf5Handle space = check.id(H5Screate(H5S_SCALAR), H5Sclose, operation);
    const Hdf5Handle attribute =
        check.id(H5Acreate2(object, name.c_str(), file_type, space, H5P_DEFAULT, H5P_DEFAULT),
                 H5Aclose, operation);
    with_buffer(&value, 1, [&](const void* buffer) {
        check.ok(H5Awrite(attribute, memory_type, buffer), operation);
    });
}

void Output::make_scale(const std::string& path, const std::string& name) {
    state_->check.ok(H5DSset_scale(state_->open(path), name.c_str()),
                     "make a dimension scale of " + path);
}

void Output::attach(const std::string& path, unsigned axis, const std::string& scale) {
    state_->check.ok(H5DSattach_scale(state_->open(path), state_->open(scale), axis),
                     "attach " + scale + " to " + path);
}

void Output::fixed_text(const std::string& path, const std::string& text) {
    const Checked& check = state_->check;
    const Hdf5Handle type = check.id(H5Tcopy(H5T_C_S1), H5Tclose, "write " + path);
    check.ok(H5Tset_size(type, text.size() + 1), "write " + path);
    const Hdf5Handle space = check.id(H5Screate(H5S_SCALAR), H5Sclose, "write " + path);
    const Hdf5Handle list = check.id(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "write " + path);
    check.ok(H5Pset_obj_track_times(list, false), "write " + path);
    const Hdf5Handle set = check.id(
        H5Dcreate2(state_->file, path.c_str(), type, space, H5P_DEFAULT, list, H5P_DEFAULT),
        H5Dclose, "write " + path);
    check.ok(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text.c_str()), "write " + path);
}

void Output::soft_link(const std::string& path, const std::string& target) {
    state_->check.ok(
        H5Lcreate_soft(target.c_str(), state_->file, path.c_str(), H5P_DEFAULT, H5P_DEFAULT),
        "link " + path);
}

std::span<std::byte> Output::close() {
    const Checked& check = state_->check;
    const ssize_t open = H5Fget_obj_count(state_->file, H5F_OBJ_ALL);
    if (open != 1)
        throw std::logic_error(
            concat(check.file(), ": ", open - 1, " HDF5 handles were left open"));
    check.ok(H5Fclose(state_->file.release()), "close");
    return state_->image.bytes();
}

using Shape = std::vector<std::size_t>;
template void Output::dataset(const std::string&, const Shape&, const std::vector<std::int32_t>&,
                              std::optional<std::int32_t>);
template void Output::dataset(const std::string&, const Shape&, const std::vector<std::uint16_t>&,
                              std::optional<std::uint16_t>);
template void Output::dataset(const std::string&, const Shape&, const std::vector<double>&,
                              std::optional<double>);
template void Output::dataset(const std::string&, const Shape&, const std::vector<float>&,
                              std::optional<float>);
template void Output::dataset(const std::string&, const Shape&, const std::vector<std::string>&,
                              std::optional<std::string>);
template void Output::attribute(const std::string&, const std::string&, const std::int32_t&);
template void Output::attribute(const std::string&, const std::string&, const std::uint16_t&);
template void Output::attribute(const std::string&, const std::string&, const double&);
template void Output::attribute(const std::string&, const std::string&, const std::string&);

std::string valid_utf8(const std::string& text) {
    std::string clean;
    for (std::size_t i = 0; i < text.size() && text[i] != '\0';) {
        const auto byte = [&](std::size_t k) {
            return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u;
        };
        const unsigned lead = byte(0);
        const auto within = [&](unsigned first, unsigned last) {
            return lead >= first && lead <= last;
        };
        const std::size_t size = lead < 0x80          ? 1
                                 : within(0xC2, 0xDF) ? 2
                                 : within(0xE0, 0xEF) ? 3
                                 : within(0xF0, 0xF4) ? 4
                                                      : 0;
        bool good = size > 0;
        for (std::size_t k = 1; k < size; ++k) good = good && (byte(k) & 0xC0u) == 0x80u;
        // No overlong forms, no surrogates, nothing past U+10FFFF.
        if (good && ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
                     (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F)))
            good = false;
        clean += good ? text.substr(i, size) : "\xEF\xBF\xBD";
        i += good ? size : 1;
    }
    return clean;
}

} // namespace mneme::results
