// SPDX-License-Identifier: Apache-2.0
// An HDF5 file that is made, in memory or behind a descriptor.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "hdf5_check.hpp"
#include "hdf5_descriptor.hpp"

namespace mneme::results {

class Image;

class Hdf5NewFile final {
  public:
    explicit Hdf5NewFile(const Checked&);        // in memory
    Hdf5NewFile(const Checked&, int descriptor); // of an empty file
    ~Hdf5NewFile();
    Hdf5NewFile(const Hdf5NewFile&) = delete;
    Hdf5NewFile& operator=(const Hdf5NewFile&) = delete;

    operator hid_t() const { return file_; }
    void close();                       // throws std::logic_error where a handle is open
    std::span<std::byte> image() const; // what was written to memory, once closed

    int error() const; // the errno of a write to the descriptor that failed, or 0

  private:
    const Checked& check_;
    std::unique_ptr<Image> image_;               // one of
    std::unique_ptr<Hdf5Descriptor> descriptor_; // the two
    Hdf5Handle file_;
};

} // namespace mneme::results
