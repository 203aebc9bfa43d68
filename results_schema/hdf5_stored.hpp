// SPDX-License-Identifier: Apache-2.0
// How values of a C++ type lie in an HDF5 file, and what HDF5 wants of them in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "hdf5_check.hpp"
#include "hdf5_output.hpp"

namespace mneme::results {

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

} // namespace mneme::results
