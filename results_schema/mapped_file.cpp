// SPDX-License-Identifier: Apache-2.0
#include "mapped_file.hpp"

#include <stdexcept>

#include <sys/mman.h>
#include <sys/stat.h>

#include <base/regular_file.hpp>

namespace mneme::results {

namespace {

std::size_t size_of(int descriptor) {
    struct stat facts = {};
    return ::fstat(descriptor, &facts) == 0 ? static_cast<std::size_t>(facts.st_size) : 0;
}

} // namespace

MappedFile::MappedFile(const std::filesystem::path& path)
    : descriptor_(base::open_regular(path, base::Links::follow)),
      size_(size_of(descriptor_.number())),
      memory_(::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor_.number(), 0)) {
    if (memory_ == MAP_FAILED)
        throw std::runtime_error(path.string() +
                                 ": cannot be read into memory; free some and try again");
}

MappedFile::~MappedFile() { ::munmap(memory_, size_); }

} // namespace mneme::results
