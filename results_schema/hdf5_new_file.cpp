// SPDX-License-Identifier: Apache-2.0
#include "hdf5_new_file.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <base/concat.hpp>

namespace mneme::results {

using base::concat;

// Memory that HDF5's core driver fills, kept when it closes the file. (H5Fget_file_image hands out
// the superblock with a wrong checksum in the 1.8 format.)
class Image final {
  public:
    Image() = default;
    Image(const Image&) = delete;
    Image& operator=(const Image&) = delete;
    ~Image() { std::free(memory_); }

    H5FD_file_image_callbacks_t callbacks() {
        return {[](std::size_t size, H5FD_file_image_op_t, void*) { return std::malloc(size); },
                [](void* to, const void* from, std::size_t size, H5FD_file_image_op_t, void*) {
                    return std::memcpy(to, from, size);
                },
                [](void* old, std::size_t size, H5FD_file_image_op_t, void*) {
                    return std::realloc(old, size);
                },
                [](void* memory, H5FD_file_image_op_t operation, void* self) -> herr_t {
                    if (operation == H5FD_FILE_IMAGE_OP_FILE_CLOSE)
                        static_cast<Image*>(self)->memory_ = static_cast<unsigned char*>(memory);
                    else std::free(memory);
                    return 0;
                },
                [](void* self) { return self; },
                [](void*) -> herr_t { return 0; },
                this};
    }

    // Up to the end-of-file address, at byte 28 of a version 2 superblock; behind it is room to
    // grow.
    std::span<std::byte> bytes() const {
        std::uint64_t end = 0;
        for (int i = 7; i >= 0; --i) end = end << 8 | memory_[28 + i];
        return {reinterpret_cast<std::byte*>(memory_), end};
    }

  private:
    unsigned char* memory_ = nullptr;
};

namespace {

Hdf5Handle file_creation(const Checked& check) {
    Hdf5Handle list = check.id(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "create");
    check.ok(H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
             "create");
    check.ok(H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
             "create");
    check.ok(H5Pset_obj_track_times(list, false), "create");
    return list;
}

Hdf5Handle file_access(const Checked& check, Image* image, Hdf5Descriptor* descriptor) {
    Hdf5Handle list = check.id(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "create");
    if (image) {
        H5FD_file_image_callbacks_t callbacks = image->callbacks();
        check.ok(H5Pset_fapl_core(list, std::size_t{1} << 20, false), "create");
        check.ok(H5Pset_file_image_callbacks(list, &callbacks), "create");
    } else {
        descriptor->use_in(check, list);
    }
    check.ok(H5Pset_libver_bounds(list, H5F_LIBVER_V18, H5F_LIBVER_V18), "create");
    check.ok(H5Pset_fclose_degree(list, H5F_CLOSE_SEMI),
             "create"); // a leaked handle is an error, not a postponed close
    return list;
}

Hdf5Handle created(const Checked& check, Image* image, Hdf5Descriptor* descriptor) {
    return check.id(H5Fcreate("mneme-results", H5F_ACC_TRUNC, file_creation(check),
                              file_access(check, image, descriptor)),
                    H5Fclose, "create a file");
}

} // namespace

Hdf5NewFile::Hdf5NewFile(const Checked& check)
    : check_(check), image_(std::make_unique<Image>()),
      file_(created(check, image_.get(), nullptr)) {}

Hdf5NewFile::Hdf5NewFile(const Checked& check, int descriptor)
    : check_(check), descriptor_(std::make_unique<Hdf5Descriptor>(descriptor)),
      file_(created(check, nullptr, descriptor_.get())) {}

Hdf5NewFile::~Hdf5NewFile() = default;

void Hdf5NewFile::close() {
    const ssize_t open = H5Fget_obj_count(file_, H5F_OBJ_ALL);
    if (open != 1)
        throw std::logic_error(
            concat(check_.file(), ": ", open - 1, " HDF5 handles were left open"));
    if (descriptor_) check_.ok(H5Fflush(file_, H5F_SCOPE_LOCAL), "write"); // or it stays open
    check_.ok(H5Fclose(file_.release()), "close");
}

std::span<std::byte> Hdf5NewFile::image() const { return image_->bytes(); }

int Hdf5NewFile::error() const { return descriptor_ ? descriptor_->error() : 0; }

} // namespace mneme::results
