// SPDX-License-Identifier: Apache-2.0
// HDF5 on a file that is behind a descriptor, and may have no name. Its own driver opens files by
// name, locks them, and does not say which error a write had.
#pragma once

#include <cstddef>

#include "hdf5_check.hpp"

namespace mneme::results {

class Hdf5Descriptor final {
  public:
    explicit Hdf5Descriptor(int number) : number_(number) {}
    Hdf5Descriptor(const Hdf5Descriptor&) = delete;
    Hdf5Descriptor& operator=(const Hdf5Descriptor&) = delete;

    void use_in(const Checked&, hid_t access); // a list for H5Fcreate; this outlives the file

    // The errno of the write that failed, or 0. HDF5 tries again when it closes what is open, and
    // can then not close it: so nothing is written from that write on, and it is not told.
    int error() const { return error_; }

    bool write(const void* from, std::size_t bytes, std::size_t place);
    bool read(void* to, std::size_t bytes, std::size_t place); // zeros behind the end
    bool shorten(std::size_t bytes);

  private:
    bool failed(int error); // false, which HDF5 is told

    const int number_;
    int error_ = 0;
};

} // namespace mneme::results
