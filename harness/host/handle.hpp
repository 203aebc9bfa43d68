// SPDX-License-Identifier: Apache-2.0
// What a mneme_tensor is: LibTorch's tensor and a count. And how a failure becomes a status.
#pragma once

#include <ATen/ATen.h>

#include <mneme/abi.h>
#include <mneme/error.hpp>

struct mneme_tensor {
    at::Tensor value;
    uint32_t references;
    mneme_tensor* next; // while it waits to be used again
};

namespace mneme::host {

mneme_tensor* hand_out(
    at::Tensor value); // the receiver owns one reference; null for an undefined tensor
void retain(mneme_tensor*);
void release(mneme_tensor*);
int64_t live_handles(); // for the examiner: handles that somebody holds

inline at::Tensor value_of(const mneme_tensor* handle) {
    return handle ? handle->value : at::Tensor();
}

// A handle that the host lends, call after call: the plugin may keep it, the host drops its own
// reference.
class Lent final {
  public:
    Lent() = default;
    ~Lent() { release(handle_); }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    mneme_tensor* operator()(at::Tensor value) {
        release(handle_);
        return handle_ = hand_out(std::move(value));
    }

  private:
    mneme_tensor* handle_ = nullptr;
};

// Fills the status from the exception in flight; `where` names the call. For use in a catch (...)
// block.
int32_t report(mneme_status*, const char* where) noexcept;
int32_t report(mneme_status*, int32_t code, const std::string& message) noexcept;

// Runs a table's function: nothing escapes.
template <class F> int32_t guarded(mneme_status* status, const char* where, F&& body) noexcept {
    try {
        body();
        return MNEME_OK;
    } catch (...) {
        return report(status, where);
    }
}

} // namespace mneme::host
