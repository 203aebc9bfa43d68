// SPDX-License-Identifier: Apache-2.0
#include <base/hdf5_handle.hpp>

namespace mneme::base {

std::string hdf5_reason() {
    std::string reason;
    // Upwards: the first record is where the fault arose.
    const auto first = [](unsigned n, const H5E_error2_t* error, void* text) -> herr_t {
        if (n == 0 && error->desc) *static_cast<std::string*>(text) = error->desc;
        return 0;
    };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first, &reason);
    H5Eclear2(H5E_DEFAULT);
    return reason.empty() ? "no reason given" : reason;
}

} // namespace mneme::base
