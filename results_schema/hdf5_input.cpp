// SPDX-License-Identifier: Apache-2.0
#include "hdf5_input.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include <hdf5_hl.h>

#include <base/concat.hpp>
#include "hdf5_check.hpp"
#include "last_opened.hpp"

namespace mneme::results {

using base::concat;

namespace {

template <class T> constexpr Type type_of = Type::other;
template <> constexpr Type type_of<std::int32_t> = Type::int32;
template <> constexpr Type type_of<std::uint16_t> = Type::uint16;
template <> constexpr Type type_of<float> = Type::float32;
template <> constexpr Type type_of<double> = Type::float64;
template <> constexpr Type type_of<std::string> = Type::text;

Type classify(hid_t type) {
    const std::size_t size = H5Tget_size(type);
    switch (H5Tget_class(type)) {
        case H5T_INTEGER:
            return size == 4 && H5Tget_sign(type) == H5T_SGN_2      ? Type::int32
                   : size == 2 && H5Tget_sign(type) == H5T_SGN_NONE ? Type::uint16
                                                                    : Type::other;
        case H5T_FLOAT: return size == 8 ? Type::float64 : size == 4 ? Type::float32 : Type::other;
        case H5T_STRING:
            return H5Tis_variable_str(type) > 0 && H5Tget_cset(type) == H5T_CSET_UTF8 ? Type::text
                                                                                      : Type::other;
        default: return Type::other;
    }
}

template <class T> Hdf5Handle memory_type(const Checked& check) {
    if constexpr (std::is_same_v<T, std::int32_t>)
        return Hdf5Handle(H5Tcopy(H5T_NATIVE_INT32), H5Tclose);
    else if constexpr (std::is_same_v<T, std::uint16_t>)
        return Hdf5Handle(H5Tcopy(H5T_NATIVE_UINT16), H5Tclose);
    else if constexpr (std::is_same_v<T, float>)
        return Hdf5Handle(H5Tcopy(H5T_NATIVE_FLOAT), H5Tclose);
    else if constexpr (std::is_same_v<T, double>)
        return Hdf5Handle(H5Tcopy(H5T_NATIVE_DOUBLE), H5Tclose);
    else return utf8_type(check);
}

// How HDF5 is to read so many values. It clears a buffer of 1 MiB for each array of strings, which
// took half of the time that a file of one run takes; one of as many as there are will do.
template <class T> Hdf5Handle transfer(const Checked& check, std::size_t count) {
    Hdf5Handle list = check.id(H5Pcreate(H5P_DATASET_XFER), H5Pclose, "make a buffer");
    constexpr std::size_t least = 4096, usual = std::size_t{1} << 20;
    if constexpr (std::is_same_v<T, std::string>)
        check.ok(
            H5Pset_buffer(list, std::clamp(count * sizeof(hvl_t), least, usual), nullptr, nullptr),
            "make a buffer");
    return list;
}

// Calls fill(buffer), which returns HDF5's status, and takes the values over. HDF5 gives an empty
// string as null.
template <class T, class Fill>
void take(const Checked& check, const std::string& operation, std::vector<T>& values, hid_t type,
          hid_t space, Fill fill) {
    if constexpr (std::is_same_v<T, std::string>) {
        std::vector<char*> texts(values.size(), nullptr);
        check.ok(fill(texts.data()), operation);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = texts[i] ? texts[i] : "";
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts.data());
    } else {
        check.ok(fill(values.data()), operation);
    }
}

} // namespace

const char* name(Type type) {
    switch (type) {
        case Type::int32: return "int32";
        case Type::uint16: return "uint16";
        case Type::float32: return "float32";
        case Type::float64: return "float64";
        case Type::text: return "variable-length UTF-8 string";
        case Type::other: return "another type";
    }
    return "another type";
}

struct Input::State {
    Checked check;
    const MappedFile& whole;
    Hdf5Handle file;
    std::map<std::string, Kind> kinds; // asked before: the file does not change
    LastOpened objects{check, file, H5Oopen, H5Oclose}, datasets{check, file, H5Dopen2, H5Dclose};

    explicit State(const MappedFile& bytes) : check(bytes.name()), whole(bytes), file(open()) {}

    // HDF5 reads the mapped bytes and opens nothing itself: a name may belong to another file by
    // then, and locks fail on some network disks.
    Hdf5Handle open() const {
        const std::string_view bytes = whole.bytes();
        return check.id(
            H5LTopen_file_image(const_cast<char*>(bytes.data()), bytes.size(),
                                H5LT_FILE_IMAGE_DONT_COPY | H5LT_FILE_IMAGE_DONT_RELEASE),
            H5Fclose, "open");
    }
    Kind kind_in_group(const std::string& path) {
        H5L_info_t link;
        if (check.ok(H5Lexists(file, path.c_str(), H5P_DEFAULT), "look for " + path) == 0)
            return Kind::absent;
        check.ok(H5Lget_info(file, path.c_str(), &link, H5P_DEFAULT), "look for " + path);
        const H5I_type_t type =
            link.type == H5L_TYPE_HARD ? H5Iget_type(objects.at(path)) : H5I_BADID;
        return type == H5I_GROUP ? Kind::group : type == H5I_DATASET ? Kind::dataset : Kind::other;
    }
    Hdf5Handle attribute(hid_t object, const std::string& name) const {
        return check.id(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose,
                        "open attribute " + name);
    }
};

Input::Input(const MappedFile& whole) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); // we say it ourselves
    state_ = std::make_unique<State>(whole);
}

Input::~Input() = default;

std::string_view Input::bytes() const { return state_->whole.bytes(); }

const std::string& Input::file() const { return state_->check.file(); }

Kind Input::kind(const std::string& path) const {
    if (path == "/") return Kind::group;
    if (const auto found = state_->kinds.find(path); found != state_->kinds.end())
        return found->second;
    // HDF5 looks for a name only where the group before it exists.
    const std::size_t slash = path.rfind('/');
    const Kind parent = kind(slash == 0 ? "/" : path.substr(0, slash));
    return state_->kinds[path] = parent == Kind::group ? state_->kind_in_group(path) : Kind::absent;
}

std::vector<std::string> Input::children(const std::string& group) const {
    const Checked& check = state_->check;
    const Hdf5Handle id =
        check.id(H5Gopen2(state_->file, group.c_str(), H5P_DEFAULT), H5Gclose, "open " + group);
    std::vector<std::string> names;
    const auto add = [](hid_t, const char* name, const H5L_info_t*, void* list) -> herr_t {
        static_cast<std::vector<std::string>*>(list)->push_back(name);
        return 0;
    };
    // A file rewritten by other tools may have lost the order of creation.
    if (H5Literate(id, H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, add, &names) < 0) {
        names.clear();
        H5Eclear2(H5E_DEFAULT);
        check.ok(H5Literate(id, H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names), "list " + group);
    }
    return names;
}

Type Input::type(const std::string& dataset) const {
    const hid_t id = state_->datasets.at(dataset);
    return classify(state_->check.id(H5Dget_type(id), H5Tclose, "read the type of " + dataset));
}

std::vector<std::size_t> Input::shape(const std::string& dataset) const {
    const Checked& check = state_->check;
    const hid_t id = state_->datasets.at(dataset);
    const Hdf5Handle space = check.id(H5Dget_space(id), H5Sclose, "read the shape of " + dataset);
    std::vector<hsize_t> sizes(static_cast<std::size_t>(
        check.ok(H5Sget_simple_extent_ndims(space), "read the shape of " + dataset)));
    check.ok(H5Sget_simple_extent_dims(space, sizes.data(), nullptr),
             "read the shape of " + dataset);
    return {sizes.begin(), sizes.end()};
}

bool Input::is_scale(const std::string& dataset) const {
    return state_->check.ok(H5DSis_scale(state_->datasets.at(dataset)),
                            "read the scale " + dataset) > 0;
}

bool Input::attached(const std::string& dataset, unsigned axis, const std::string& scale) const {
    LastOpened scales(state_->check, state_->file, H5Dopen2, H5Dclose); // both stay open
    const hid_t set = state_->datasets.at(dataset), dimension = scales.at(scale);
    return state_->check.ok(H5DSis_attached(set, dimension, axis),
                            "read the scales of " + dataset) > 0;
}

template <class T> Array<T> Input::read(const std::string& dataset) const {
    const Checked& check = state_->check;
    const std::string operation = "read " + dataset;
    const Type found = type(dataset);
    if (found != type_of<T>)
        throw std::runtime_error(
            concat(file(), ": ", dataset, " is ", name(found), "; expected ", name(type_of<T>)));
    Array<T> array;
    array.shape = shape(dataset);
    // Deflate packs 1032 to 1 at best; a damaged size must not make us ask for the whole memory.
    const double limit = 1100.0 * static_cast<double>(bytes().size());
    double claimed = sizeof(T);
    std::size_t count = 1;
    for (std::size_t size : array.shape) {
        claimed *= static_cast<double>(size);
        count *= size;
    }
    if (claimed > limit)
        throw std::runtime_error(
            concat(file(), ": ", dataset, " claims the shape ", shape_text(array.shape),
                   ", more than the file can hold; it is damaged, take another copy or run again"));
    array.data.resize(count);
    const hid_t id = state_->datasets.at(dataset);
    const Hdf5Handle memory = memory_type<T>(check), list = transfer<T>(check, count);
    const Hdf5Handle space = check.id(H5Dget_space(id), H5Sclose, operation);
    if (count > 0)
        take(check, operation, array.data, memory, space,
             [&](void* buffer) { return H5Dread(id, memory, H5S_ALL, H5S_ALL, list, buffer); });
    return array;
}

std::vector<std::string> Input::attributes(const std::string& path) const {
    std::vector<std::string> names;
    const auto add = [](hid_t, const char* name, const H5A_info_t*, void* list) -> herr_t {
        static_cast<std::vector<std::string>*>(list)->push_back(name);
        return 0;
    };
    const hid_t id = state_->objects.at(path);
    state_->check.ok(H5Aiterate2(id, H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names),
                     "list attributes of " + path);
    return names;
}

bool Input::has_attribute(const std::string& path, const std::string& name) const {
    return state_->check.ok(H5Aexists(state_->objects.at(path), name.c_str()),
                            "look for attribute " + name + " of " + path) > 0;
}

Type Input::attribute_type(const std::string& path, const std::string& name) const {
    const Hdf5Handle id = state_->attribute(state_->objects.at(path), name);
    return classify(
        state_->check.id(H5Aget_type(id), H5Tclose, "read attribute " + name + " of " + path));
}

template <class T> T Input::attribute(const std::string& path, const std::string& name) const {
    const Checked& check = state_->check;
    const std::string operation = "read attribute " + name + " of " + path;
    if (!has_attribute(path, name))
        throw std::runtime_error(concat(file(), ": ", path, " has no attribute ", name,
                                        "; expected a ", results::name(type_of<T>)));
    const Hdf5Handle id = state_->attribute(state_->objects.at(path), name),
                     memory = memory_type<T>(check);
    const Type found = classify(check.id(H5Aget_type(id), H5Tclose, operation));
    const Hdf5Handle space = check.id(H5Aget_space(id), H5Sclose, operation);
    if (found != type_of<T> || H5Sget_simple_extent_npoints(space) != 1)
        throw std::runtime_error(
            concat(file(), ": attribute ", name, " of ", path, " is ",
                   found == type_of<T> ? "not one value" : results::name(found), "; expected one ",
                   results::name(type_of<T>)));
    std::vector<T> value(1);
    take(check, operation, value, memory, space,
         [&](void* buffer) { return H5Aread(id, memory, buffer); });
    return value[0];
}

template Array<std::int32_t> Input::read(const std::string&) const;
template Array<std::uint16_t> Input::read(const std::string&) const;
template Array<float> Input::read(const std::string&) const;
template Array<double> Input::read(const std::string&) const;
template Array<std::string> Input::read(const std::string&) const;
template std::int32_t Input::attribute(const std::string&, const std::string&) const;
template std::uint16_t Input::attribute(const std::string&, const std::string&) const;
template double Input::attribute(const std::string&, const std::string&) const;
template std::string Input::attribute(const std::string&, const std::string&) const;

} // namespace mneme::results
