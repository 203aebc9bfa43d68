// SPDX-License-Identifier: Apache-2.0
// The object of an HDF5 file that was asked about last. To find an object by its path costs more
// than what is then asked of it, and most questions are about the object of the question before.
#pragma once

#include <optional>
#include <string>

#include "hdf5_check.hpp"

namespace mneme::results {

class LastOpened final {
  public:
    using Open = hid_t (*)(hid_t, const char*, hid_t);
    LastOpened(const Checked& check, hid_t file, Open open, Hdf5Handle::Close close)
        : check_(check), file_(file), open_(open), close_(close) {}

    // Open until another path is asked for.
    hid_t at(const std::string& path) {
        if (!id_ || path_ != path) {
            id_.reset(); // nothing is known of it while the next one may fail to open
            id_.emplace(check_.id(open_(file_, path.c_str(), H5P_DEFAULT), close_, "open " + path));
            path_ = path;
        }
        return *id_;
    }

  private:
    const Checked& check_;
    const hid_t file_;
    const Open open_;
    const Hdf5Handle::Close close_;
    std::string path_;
    std::optional<Hdf5Handle> id_;
};

} // namespace mneme::results
