// SPDX-License-Identifier: Apache-2.0
#include "hdf5_descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iterator>
#include <memory>

#include <unistd.h>

#include <base/read_at.hpp>

#if __has_include(<H5FDdevelop.h>)
#include <H5FDdevelop.h> // HDF5 1.14 has drivers in a header of their own
#endif

namespace mneme::results {

namespace {

struct File : H5FD_t {
    Hdf5Descriptor* target = nullptr;
    haddr_t end_of_addresses = 0, end_of_file = 0;
};

File& of(H5FD_t* file) { return *static_cast<File*>(file); }
const File& of(const H5FD_t* file) { return *static_cast<const File*>(file); }
herr_t status(bool done) { return done ? 0 : -1; }

H5FD_t* open(const char*, unsigned, hid_t access, haddr_t) {
    const void* info = H5Pget_driver_info(access);
    if (info == nullptr) return nullptr;
    auto file = std::make_unique<File>();
    file->target = *static_cast<Hdf5Descriptor* const*>(info);
    return file.release();
}

herr_t close(H5FD_t* file) {
    delete static_cast<File*>(file);
    return 0;
}

int compare(const H5FD_t* a, const H5FD_t* b) {
    return a == b ? 0 : std::less<const H5FD_t*>()(a, b) ? -1 : 1;
}

// As HDF5's driver for files: small pieces of metadata and data are gathered.
herr_t query(const H5FD_t*, unsigned long* flags) {
    if (flags)
        *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA |
                 H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_SMALLDATA;
    return 0;
}

haddr_t end_of_addresses(const H5FD_t* file, H5FD_mem_t) { return of(file).end_of_addresses; }
haddr_t end_of_file(const H5FD_t* file, H5FD_mem_t) { return of(file).end_of_file; }
herr_t set_end_of_addresses(H5FD_t* file, H5FD_mem_t, haddr_t end) {
    of(file).end_of_addresses = end;
    return 0;
}

herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t place, std::size_t bytes, void* to) {
    return status(of(file).target->read(to, bytes, place));
}

herr_t write(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t place, std::size_t bytes, const void* from) {
    if (!of(file).target->write(from, bytes, place)) return -1;
    of(file).end_of_file = std::max<haddr_t>(of(file).end_of_file, place + bytes);
    return 0;
}

herr_t truncate(H5FD_t* file, hid_t, hbool_t) {
    const haddr_t end = of(file).end_of_addresses;
    if (of(file).end_of_file == end) return 0;
    of(file).end_of_file = end;
    return status(of(file).target->shorten(end));
}

hid_t driver() {
    static const hid_t id = [] {
        H5FD_class_t all{};
#ifdef H5FD_CLASS_VERSION
        all.version = H5FD_CLASS_VERSION;
        all.value = static_cast<H5FD_class_value_t>(H5_VFD_RESERVED + 77); // of a private driver
#endif
        all.name = "mneme-descriptor";
        all.maxaddr = static_cast<haddr_t>(INT64_MAX);
        all.fc_degree = H5F_CLOSE_WEAK;
        all.fapl_size = sizeof(Hdf5Descriptor*);
        all.open = open;
        all.close = close;
        all.cmp = compare;
        all.query = query;
        all.get_eoa = end_of_addresses;
        all.set_eoa = set_end_of_addresses;
        all.get_eof = end_of_file;
        all.read = read;
        all.write = write;
        all.truncate = truncate;
        const H5FD_mem_t kinds[] = H5FD_FLMAP_DICHOTOMY;
        std::copy(std::begin(kinds), std::end(kinds), all.fl_map);
        return H5FDregister(&all);
    }();
    return id;
}

} // namespace

void Hdf5Descriptor::use_in(const Checked& check, hid_t access) {
    const Hdf5Descriptor* const self = this;
    check.ok(H5Pset_driver(access, check.ok(driver(), "create"), &self), "create");
}

bool Hdf5Descriptor::failed(int error) {
    error_ = error;
    return false;
}

bool Hdf5Descriptor::write(const void* from, std::size_t bytes, std::size_t place) {
    if (error_ != 0) return true;
    for (const char* at = static_cast<const char*>(from); bytes > 0;) {
        const ssize_t n = ::pwrite(number_, at, bytes, static_cast<off_t>(place));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return failed(n < 0 ? errno : EIO);
        at += n, bytes -= static_cast<std::size_t>(n), place += static_cast<std::size_t>(n);
    }
    return true;
}

bool Hdf5Descriptor::read(void* to, std::size_t bytes, std::size_t place) {
    const ssize_t n = base::read_at(number_, to, bytes, place);
    if (n < 0) return failed(errno);
    const std::size_t done = static_cast<std::size_t>(n);
    std::memset(static_cast<char*>(to) + done, 0, bytes - done);
    return true;
}

bool Hdf5Descriptor::shorten(std::size_t bytes) {
    if (error_ != 0 || ::ftruncate(number_, static_cast<off_t>(bytes)) == 0) return true;
    return failed(errno);
}

} // namespace mneme::results
