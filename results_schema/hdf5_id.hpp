// SPDX-License-Identifier: Apache-2.0
// The one way an HDF5 handle is held, and the one way HDF5's error stack becomes an exception.
// Included by hdf5_*.cpp only.
#pragma once

#include <string>
#include <utility>

#include <hdf5.h>

namespace mneme::results {

// Throws std::runtime_error "FILE: cannot OPERATION (HDF5: innermost reason); REMEDY" and clears
// the stack.
[[noreturn]] void throw_hdf5(const std::string& file, const std::string& operation);

// A handle and the function that closes it. Closing never throws.
class Id final {
  public:
    using Close = herr_t (*)(hid_t);
    Id(hid_t id, Close close) : id_(id), close_(close) {}
    Id(Id&& other) noexcept
        : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
    Id(const Id&) = delete;
    Id& operator=(Id&&) = delete;
    ~Id() {
        if (id_ >= 0) close_(id_);
    }
    operator hid_t() const { return id_; }
    bool valid() const { return id_ >= 0; }
    hid_t release() { return std::exchange(id_, H5I_INVALID_HID); }

  private:
    hid_t id_;
    Close close_;
};

// Handles and status codes of one file's calls, checked.
class Checked final {
  public:
    explicit Checked(std::string file) : file_(std::move(file)) {}
    Id id(hid_t id, Id::Close close, const std::string& operation) const {
        if (id < 0) throw_hdf5(file_, operation);
        return Id(id, close);
    }
    template <class Status> Status ok(Status status, const std::string& operation) const {
        if (status < 0) throw_hdf5(file_, operation);
        return status;
    }
    const std::string& file() const { return file_; }

  private:
    std::string file_;
};

Id utf8_type(const Checked&); // variable-length UTF-8

} // namespace mneme::results
