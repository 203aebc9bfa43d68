// SPDX-License-Identifier: Apache-2.0
#include "hdf5_check.hpp"

#include <stdexcept>

namespace mneme::results {

void throw_hdf5(const std::string& file, const std::string& operation) {
    throw std::runtime_error(
        file + ": cannot " + operation + " (HDF5: " + base::hdf5_reason() +
        "); the file is damaged or is not a results file, take another copy or run again");
}

Hdf5Handle utf8_type(const Checked& check) {
    Hdf5Handle type = check.id(H5Tcopy(H5T_C_S1), H5Tclose, "make a string type");
    check.ok(H5Tset_size(type, H5T_VARIABLE), "make a string type");
    check.ok(H5Tset_cset(type, H5T_CSET_UTF8), "make a string type");
    return type;
}

} // namespace mneme::results
