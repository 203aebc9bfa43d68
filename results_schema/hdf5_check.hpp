// SPDX-License-Identifier: Apache-2.0
// HDF5's handles and status codes, checked. Included only by the sources that call HDF5.
#pragma once

#include <string>
#include <utility>

#include <base/hdf5_handle.hpp>

namespace mneme::results {

using base::Hdf5Handle;

// Throws std::runtime_error "FILE: cannot OPERATION (HDF5: innermost reason); REMEDY" and clears
// HDF5's error stack.
[[noreturn]] void throw_hdf5(const std::string& file, const std::string& operation);

// Handles and status codes of one file's calls.
class Checked final {
  public:
    explicit Checked(std::string file) : file_(std::move(file)) {}
    Hdf5Handle id(hid_t id, Hdf5Handle::Close close, const std::string& operation) const {
        if (id < 0) throw_hdf5(file_, operation);
        return Hdf5Handle(id, close);
    }
    template <class Status> Status ok(Status status, const std::string& operation) const {
        if (status < 0) throw_hdf5(file_, operation);
        return status;
    }
    const std::string& file() const { return file_; }

  private:
    std::string file_;
};

Hdf5Handle utf8_type(const Checked&); // variable-length UTF-8

} // namespace mneme::results
