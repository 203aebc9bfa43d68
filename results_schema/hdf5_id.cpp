// SPDX-License-Identifier: Apache-2.0
#include "hdf5_id.hpp"

#include <stdexcept>

#include "message.hpp"

namespace mneme::results {

void throw_hdf5(const std::string& file, const std::string& operation) {
    std::string reason;
    // Upwards: the first record is where the fault arose.
    const auto first = [](unsigned n, const H5E_error2_t* error, void* text) -> herr_t {
        if (n == 0 && error->desc) *static_cast<std::string*>(text) = error->desc;
        return 0;
    };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first, &reason);
    H5Eclear2(H5E_DEFAULT);
    throw std::runtime_error(
        say(file, ": cannot ", operation, " (HDF5: ", reason.empty() ? "no reason given" : reason,
            "); the file is damaged or no results file, take another copy or run again"));
}

Id utf8_type(const Checked& check) {
    Id type = check.id(H5Tcopy(H5T_C_S1), H5Tclose, "make a string type");
    check.ok(H5Tset_size(type, H5T_VARIABLE), "make a string type");
    check.ok(H5Tset_cset(type, H5T_CSET_UTF8), "make a string type");
    return type;
}

} // namespace mneme::results
