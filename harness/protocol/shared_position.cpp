// SPDX-License-Identifier: Apache-2.0
#include "protocol/shared_position.hpp"

#include <new>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace mneme::protocol {

SharedPosition::SharedPosition() : memory_(::memfd_create("mneme-position", MFD_CLOEXEC)) {
    if (memory_.open() && ::ftruncate(memory_.number(), sizeof(Cell)) != 0) memory_.close();
    map();
}

SharedPosition::SharedPosition(base::Descriptor memory) : memory_(std::move(memory)) { map(); }

SharedPosition::SharedPosition(SharedPosition&& other) noexcept
    : memory_(std::move(other.memory_)), cell_(std::exchange(other.cell_, nullptr)) {}

SharedPosition::~SharedPosition() {
    if (cell_) ::munmap(cell_, sizeof(Cell));
}

std::optional<SharedPosition> SharedPosition::of_worker(pid_t worker, int descriptor) {
    const auto path = "/proc/" + std::to_string(worker) + "/fd/" + std::to_string(descriptor);
    base::Descriptor memory(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
    struct stat info {};
    if (!memory.open() || ::fstat(memory.number(), &info) != 0 || !S_ISREG(info.st_mode) ||
        info.st_size < static_cast<off_t>(sizeof(Cell)))
        return {};
    return SharedPosition(std::move(memory));
}

void SharedPosition::map() {
    const bool shared = memory_.open();
    void* at = ::mmap(nullptr, sizeof(Cell), PROT_READ | PROT_WRITE,
                      MAP_SHARED | (shared ? 0 : MAP_ANONYMOUS), memory_.number(), 0);
    cell_ = at == MAP_FAILED ? nullptr : static_cast<Cell*>(at);
    if (!cell_) throw std::bad_alloc();
}

} // namespace mneme::protocol
