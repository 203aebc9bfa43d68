// SPDX-License-Identifier: Apache-2.0
#include "hdf5_output.hpp"

#include <map>
#include <stdexcept>

#include <hdf5_hl.h>

#include <base/concat.hpp>
#include "hdf5_check.hpp"
#include "hdf5_new_file.hpp"
#include "hdf5_stored.hpp"

namespace mneme::results {

using base::concat;

namespace {

constexpr std::size_t contiguous_limit = std::size_t{64}
                                         << 10; // bytes; larger arrays are chunked and compressed
constexpr std::size_t chunk_limit = std::size_t{1}
                                    << 20; // bytes; HDF5's default chunk cache holds one

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

struct Output::State {
    Checked check;
    Hdf5NewFile file;
    std::map<std::string, Hdf5Handle> unfilled; // open, or their last chunk would be packed anew

    explicit State(const std::string& name) : check(name), file(check) {}
    State(const std::string& name, int descriptor) : check(name), file(check, descriptor) {}
    Hdf5Handle open(const std::string& path) const {
        return check.id(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose, "open " + path);
    }
};

Output::Output(const std::string& file) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); // we say it ourselves
    state_ = std::make_unique<State>(file);
}

Output::Output(const std::string& file, int descriptor) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    state_ = std::make_unique<State>(file, descriptor);
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
void Output::unfilled(const std::string& path, const std::vector<std::size_t>& shape,
                      std::optional<T> fill) {
    const Checked& check = state_->check;
    const std::string operation = "write " + path;
    const Hdf5Handle file_type = Stored<T>::file(check);
    const std::vector<hsize_t> sizes(shape.begin(), shape.end());
    const Hdf5Handle space = check.id(
        shape.empty() ? H5Screate(H5S_SCALAR)
                      : H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr),
        H5Sclose, operation);
    const Hdf5Handle list = check.id(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, operation);
    check.ok(H5Pset_obj_track_times(list, false), operation);
    std::size_t bytes = H5Tget_size(file_type);
    for (const std::size_t size : shape) bytes *= size;
    // HDF5 has no filter for texts of any length; they lie in its heap, whatever is done here.
    const bool packed =
        !std::is_same_v<T, std::string> && !shape.empty() && bytes > contiguous_limit;
    if (packed) {
        const std::vector<hsize_t> chunk = chunk_of(sizes, H5Tget_size(file_type));
        check.ok(H5Pset_chunk(list, static_cast<int>(chunk.size()), chunk.data()), operation);
        check.ok(H5Pset_shuffle(list), operation);
        check.ok(H5Pset_deflate(list, 4), operation);
        check.ok(H5Pset_fletcher32(list), operation);
    }
    if constexpr (!std::is_same_v<T, std::string>)
        if (fill) check.ok(H5Pset_fill_value(list, Stored<T>::memory(check), &*fill), operation);
    state_->unfilled.emplace(path, check.id(H5Dcreate2(state_->file, path.c_str(), file_type, space,
                                                       H5P_DEFAULT, list, H5P_DEFAULT),
                                            H5Dclose, operation));
    if (fill) attribute(path, "_FillValue", *fill);
}

template <class T>
void Output::dataset(const std::string& path, const std::vector<std::size_t>& shape,
                     const std::vector<T>& values, std::optional<T> fill) {
    unfilled(path, shape, fill);
    const Checked& check = state_->check;
    with_buffer(values.data(), values.size(), [&](const void* buffer) {
        check.ok(H5Dwrite(state_->unfilled.at(path), Stored<T>::memory(check), H5S_ALL, H5S_ALL,
                          H5P_DEFAULT, buffer),
                 "write " + path);
    });
    state_->unfilled.erase(path);
}

template <class T>
void Output::fill(const std::string& path, const std::vector<std::size_t>& first,
                  const std::vector<std::size_t>& shape, const T* values) {
    const Checked& check = state_->check;
    const std::string operation = "write " + path;
    std::vector<hsize_t> from(first.begin(), first.end()), sizes(shape.begin(), shape.end());
    from.resize(sizes.size(), 0);
    const hid_t set = state_->unfilled.at(path);
    const Hdf5Handle all = check.id(H5Dget_space(set), H5Sclose, operation),
                     some = check.id(
                         H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr),
                         H5Sclose, operation);
    check.ok(H5Sselect_hyperslab(all, H5S_SELECT_SET, from.data(), nullptr, sizes.data(), nullptr),
             operation);
    std::size_t count = 1;
    for (const std::size_t size : shape) count *= size;
    with_buffer(values, count, [&](const void* buffer) {
        check.ok(H5Dwrite(set, Stored<T>::memory(check), some, all, H5P_DEFAULT, buffer),
                 operation);
    });
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

void Output::close() {
    state_->unfilled.clear();
    state_->file.close();
}

std::span<std::byte> Output::image() const { return state_->file.image(); }

int Output::error() const { return state_->file.error(); }

using Shape = std::vector<std::size_t>;
template void Output::unfilled(const std::string&, const Shape&, std::optional<std::int32_t>);
template void Output::dataset(const std::string&, const Shape&, const std::vector<std::int32_t>&,
                              std::optional<std::int32_t>);
template void Output::fill(const std::string&, const Shape&, const Shape&, const std::int32_t*);
template void Output::unfilled(const std::string&, const Shape&, std::optional<std::uint16_t>);
template void Output::dataset(const std::string&, const Shape&, const std::vector<std::uint16_t>&,
                              std::optional<std::uint16_t>);
template void Output::fill(const std::string&, const Shape&, const Shape&, const std::uint16_t*);
template void Output::unfilled(const std::string&, const Shape&, std::optional<double>);
template void Output::dataset(const std::string&, const Shape&, const std::vector<double>&,
                              std::optional<double>);
template void Output::fill(const std::string&, const Shape&, const Shape&, const double*);
template void Output::unfilled(const std::string&, const Shape&, std::optional<float>);
template void Output::dataset(const std::string&, const Shape&, const std::vector<float>&,
                              std::optional<float>);
template void Output::fill(const std::string&, const Shape&, const Shape&, const float*);
template void Output::unfilled(const std::string&, const Shape&, std::optional<std::string>);
template void Output::dataset(const std::string&, const Shape&, const std::vector<std::string>&,
                              std::optional<std::string>);
template void Output::fill(const std::string&, const Shape&, const Shape&, const std::string*);
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
