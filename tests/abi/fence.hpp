// SPDX-License-Identifier: Apache-2.0
// The border's structs, cut to their length in SDK 1.0, at the very end of a page that nothing
// follows: who reads or writes past a struct's size dies on the spot, and a plugin of target 1.0
// must do with what it had then.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include <mneme/abi.h>
#include <sys/mman.h>
#include <unistd.h>

#include "released.h"

namespace mneme::test {

class Fence final {
  public:
    explicit Fence(std::size_t bytes)
        : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))), bytes_(bytes) {
        base_ = static_cast<char*>(
            mmap(nullptr, 2 * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        if (base_ == MAP_FAILED || bytes > page_) throw std::bad_alloc();
        std::memset(base_, 0xA5, page_);
        mprotect(base_ + page_, page_, PROT_NONE);
    }
    ~Fence() { munmap(base_, 2 * page_); }
    Fence(const Fence&) = delete;
    Fence& operator=(const Fence&) = delete;
    void* at() const { return base_ + page_ - bytes_; }

  private:
    const std::size_t page_, bytes_;
    char* base_ = nullptr;
};

// A copy of the first `bytes` of a struct, which says that it has no more; null stays null.
template <class T> class Fenced final {
  public:
    Fenced(const T* from, uint32_t bytes) : fence_(bytes), given_(from != nullptr) {
        if (!given_) return;
        std::memcpy(fence_.at(), from, bytes);
        std::memcpy(fence_.at(), &bytes, sizeof bytes); // `size` is the first member of each
    }
    T* get() const { return given_ ? static_cast<T*>(fence_.at()) : nullptr; }

  private:
    Fence fence_;
    const bool given_;
};

inline const mneme_method* fenced_method = nullptr; // the method behind the fence
inline const mneme_host* fenced_host = nullptr;
inline std::vector<std::shared_ptr<void>> fences; // those that last as long as the program

template <class T> T& lasting(std::shared_ptr<T> made) {
    fences.push_back(made);
    return *made;
}

// A table of the host, as long as it was in 1.0; for ever. What came later is not here.
inline const void* fenced_table(const char* id) {
    const void* table = fenced_host->find_interface(id);
    const uint32_t bytes = mneme_released_table_1_0(id);
    return table && bytes
               ? lasting(std::make_shared<Fenced<char>>(static_cast<const char*>(table), bytes))
                     .get()
               : nullptr;
}

template <class F> int32_t with_status(mneme_status* status, F&& body) {
    const Fenced<mneme_status> own(status, mneme_released_1_0.status);
    const int32_t code = body(own.get());
    std::memcpy(status, own.get(), mneme_released_1_0.status);
    return code;
}

// The same method behind the fence: every struct that it is handed, every table of the host, and
// its own table for the host.
inline const mneme_method& behind_fence(const mneme_method& method) {
    fenced_method = &method;
    mneme_method m = method;
    m.create = [](const mneme_host* host, const mneme_setup* setup, void** self, mneme_status* s) {
        fenced_host = host;
        auto* own = lasting(std::make_shared<Fenced<mneme_host>>(host, mneme_released_1_0.host))
                        .get(); // the plugin keeps it
        own->find_interface = fenced_table;
        const Fenced<mneme_setup> lent(setup, mneme_released_1_0.setup);
        return with_status(
            s, [&](mneme_status* t) { return fenced_method->create(own, lent.get(), self, t); });
    };
    m.begin_task = [](void* self, const mneme_task* task, mneme_status* s) {
        const Fenced<mneme_task> lent(task, mneme_released_1_0.task);
        return with_status(
            s, [&](mneme_status* t) { return fenced_method->begin_task(self, lent.get(), t); });
    };
    m.phases = [](void* self, const mneme_task* task, mneme_phase* out, int32_t capacity,
                  int32_t* count, mneme_status* s) {
        const uint32_t bytes = mneme_released_1_0.phase;
        const Fence array(static_cast<std::size_t>(capacity) * bytes);
        auto element = [&](int32_t k) {
            return static_cast<char*>(array.at()) + static_cast<std::size_t>(k) * bytes;
        };
        std::memset(element(0), 0, static_cast<std::size_t>(capacity) * bytes);
        for (int32_t k = 0; k < capacity; ++k) std::memcpy(element(k), &bytes, sizeof bytes);
        const Fenced<mneme_task> lent(task, mneme_released_1_0.task);
        const int32_t code = with_status(s, [&](mneme_status* t) {
            return fenced_method->phases(
                self, lent.get(), reinterpret_cast<mneme_phase*>(element(0)), capacity, count, t);
        });
        for (int32_t k = 0; k < *count && k < capacity; ++k)
            std::memcpy(&out[k], element(k), bytes);
        return code;
    };
    m.begin_phase = [](void* self, const mneme_phase* phase, mneme_status* s) {
        const Fenced<mneme_phase> lent(phase, mneme_released_1_0.phase);
        return with_status(
            s, [&](mneme_status* t) { return fenced_method->begin_phase(self, lent.get(), t); });
    };
    m.observe = [](void* self, const mneme_batch* batch, const mneme_batch* companion,
                   mneme_status* s) {
        const Fenced<mneme_batch> lent(batch, mneme_released_1_0.batch),
            second(companion, mneme_released_1_0.batch);
        return with_status(s, [&](mneme_status* t) {
            return fenced_method->observe(self, lent.get(), second.get(), t);
        });
    };
    m.end_task = [](void* self, const mneme_task* task, mneme_status* s) {
        const Fenced<mneme_task> lent(task, mneme_released_1_0.task);
        return with_status(
            s, [&](mneme_status* t) { return fenced_method->end_task(self, lent.get(), t); });
    };
    m.state = [](void* self, const mneme_state* state, mneme_status* s) {
        const Fenced<mneme_state> lent(state, mneme_released_1_0.state);
        return with_status(
            s, [&](mneme_status* t) { return fenced_method->state(self, lent.get(), t); });
    };
    return *lasting(std::make_shared<Fenced<mneme_method>>(&m, mneme_released_1_0.method)).get();
}

} // namespace mneme::test
