// SPDX-License-Identifier: Apache-2.0
#include "mapped_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <base/concat.hpp>

namespace mneme::results {

using base::concat;

namespace {

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
    throw std::runtime_error(file + ": " + why);
}

base::Descriptor opened(const std::string& file) {
    // O_NONBLOCK: opening a pipe without a writer would wait for one.
    base::Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!descriptor.open() && errno != ENXIO)
        refuse(file,
               concat("cannot be opened: ", std::strerror(errno), "; give a results file (.h5)"));
    struct stat facts = {};
    const bool known = descriptor.open() && ::fstat(descriptor.number(), &facts) == 0;
    if (known && S_ISDIR(facts.st_mode)) refuse(file, "is a folder; give a results file (.h5)");
    if (!known || !S_ISREG(facts.st_mode))
        refuse(file, "is a pipe, a socket or a device; give a results file (.h5)");
    return descriptor;
}

std::size_t size_of(const base::Descriptor& descriptor) {
    struct stat facts = {};
    return ::fstat(descriptor.number(), &facts) == 0 ? static_cast<std::size_t>(facts.st_size) : 0;
}

// Nothing of an empty file, which mmap refuses.
void* mapped(const base::Descriptor& descriptor, std::size_t size) {
    return size == 0 ? nullptr
                     : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.number(), 0);
}

} // namespace

MappedFile::MappedFile(const std::filesystem::path& path)
    : name_(path.string()), descriptor_(opened(name_)), size_(size_of(descriptor_)),
      memory_(mapped(descriptor_, size_)) {
    if (memory_ == MAP_FAILED) refuse(name_, "cannot be read into memory; free some and try again");
}

MappedFile::~MappedFile() {
    if (memory_ != nullptr) ::munmap(memory_, size_);
}

void require_whole(const MappedFile& file) {
    const std::string_view bytes = file.bytes();
    constexpr std::string_view signature("\x89HDF\r\n\x1a\n", 8);
    if (bytes.size() < signature.size())
        refuse(file.name(),
               concat("is only ", bytes.size(), " bytes long; take another copy or run again"));
    if (!bytes.starts_with(signature))
        refuse(file.name(), "is not an HDF5 file; give a results file (.h5)");
    // A version 2 superblock; its end-of-file address is at byte 28.
    std::array<unsigned char, 48> head{};
    std::memcpy(head.data(), bytes.data(), std::min(head.size(), bytes.size()));
    std::uint64_t end = 0;
    for (int i = 7; i >= 0; --i) end = end << 8 | head[28 + static_cast<std::size_t>(i)];
    const bool known = (head[8] == 2 || head[8] == 3) && head[9] == 8;
    if (bytes.size() < head.size() || (known && bytes.size() < end))
        refuse(file.name(), concat("is truncated, ", bytes.size(), " of ",
                                   known && bytes.size() >= head.size() ? std::to_string(end)
                                                                        : std::string("more"),
                                   " bytes; take another copy or run again"));
}

} // namespace mneme::results
