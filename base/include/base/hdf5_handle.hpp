// SPDX-License-Identifier: Apache-2.0
// The one way an HDF5 handle is held. Included only by the few sources that call HDF5.
#pragma once

#include <string>
#include <utility>

#include <hdf5.h>

namespace mneme::base {

// A handle and the function that closes it. Closing never throws.
class Hdf5Handle final {
  public:
    using Close = herr_t (*)(hid_t);
    Hdf5Handle(hid_t id, Close close) : id_(id), close_(close) {}
    Hdf5Handle(Hdf5Handle&& other) noexcept
        : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
    Hdf5Handle(const Hdf5Handle&) = delete;
    Hdf5Handle& operator=(Hdf5Handle&&) = delete;
    ~Hdf5Handle() {
        if (id_ >= 0) close_(id_);
    }
    operator hid_t() const { return id_; }
    bool valid() const { return id_ >= 0; }
    hid_t release() { return std::exchange(id_, H5I_INVALID_HID); }

  private:
    hid_t id_;
    Close close_;
};

// The innermost reason on HDF5's error stack, which is cleared; "no reason given" when it is empty.
std::string hdf5_reason();

} // namespace mneme::base
