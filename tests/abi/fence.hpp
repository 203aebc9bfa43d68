// SPDX-License-Identifier: Apache-2.0
// The border's structs at the very end of a page that nothing follows: who reads or writes past a struct's size dies on the spot.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include <mneme/abi.h>
#include <sys/mman.h>
#include <unistd.h>

namespace mneme::test {

class Fence final {
  public:
    explicit Fence(std::size_t bytes) : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))), bytes_(bytes) {
        base_ = static_cast<char*>(mmap(nullptr, 2 * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
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

template <class T> class Fenced final { // a copy; null stays null
  public:
    explicit Fenced(const T* from) : fence_(sizeof(T)), given_(from != nullptr) {
        if (given_) std::memcpy(fence_.at(), from, sizeof(T));
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

// A table of the host, as long as its size says; for ever.
inline const void* fenced_table(const char* id) {
    const void* table = fenced_host->find_interface(id);
    if (!table) return nullptr;
    uint32_t size = 0;
    std::memcpy(&size, table, sizeof size);
    return std::memcpy(lasting(std::make_shared<Fence>(size)).at(), table, size);
}

template <class F> int32_t with_status(mneme_status* status, F&& body) {
    Fenced<mneme_status> own(status);
    const int32_t code = body(own.get());
    std::memcpy(status, own.get(), sizeof *status);
    return code;
}

// The same method behind the fence: every struct that it is handed, every table of the host, and its own table for the host.
inline const mneme_method& behind_fence(const mneme_method& method) {
    fenced_method = &method;
    mneme_method m = method;
    m.create = [](const mneme_host* host, const mneme_setup* setup, void** self, mneme_status* s) {
        fenced_host = host;
        auto* own = lasting(std::make_shared<Fenced<mneme_host>>(host)).get(); // the plugin keeps it
        own->find_interface = fenced_table;
        Fenced<mneme_setup> lent(setup);
        return with_status(s, [&](mneme_status* t) { return fenced_method->create(own, lent.get(), self, t); });
    };
    m.begin_task = [](void* self, const mneme_task* task, mneme_status* s) {
        Fenced<mneme_task> lent(task);
        return with_status(s, [&](mneme_status* t) { return fenced_method->begin_task(self, lent.get(), t); });
    };
    m.begin_phase = [](void* self, const mneme_phase* phase, mneme_status* s) {
        Fenced<mneme_phase> lent(phase);
        return with_status(s, [&](mneme_status* t) { return fenced_method->begin_phase(self, lent.get(), t); });
    };
    m.observe = [](void* self, const mneme_batch* batch, const mneme_batch* companion, mneme_status* s) {
        Fenced<mneme_batch> lent(batch), second(companion);
        return with_status(s, [&](mneme_status* t) { return fenced_method->observe(self, lent.get(), second.get(), t); });
    };
    m.end_task = [](void* self, const mneme_task* task, mneme_status* s) {
        Fenced<mneme_task> lent(task);
        return with_status(s, [&](mneme_status* t) { return fenced_method->end_task(self, lent.get(), t); });
    };
    m.state = [](void* self, const mneme_state* state, mneme_status* s) {
        Fenced<mneme_state> lent(state);
        return with_status(s, [&](mneme_status* t) { return fenced_method->state(self, lent.get(), t); });
    };
    return *lasting(std::make_shared<Fenced<mneme_method>>(&m)).get();
}

} // namespace mneme::test
