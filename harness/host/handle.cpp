// SPDX-License-Identifier: Apache-2.0
#include "host/handle.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace mneme::host {
namespace {

mneme_tensor* free_list = nullptr;
int64_t live = 0;

// LibTorch's messages go on for pages; the first line says what is wrong.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

} // namespace

mneme_tensor* hand_out(at::Tensor value) {
    if (!value.defined()) return nullptr;
    ++live;
    if (!free_list) return new mneme_tensor{std::move(value), 1, nullptr};
    mneme_tensor* handle = free_list;
    free_list = handle->next;
    handle->value = std::move(value);
    handle->references = 1;
    return handle;
}

void retain(mneme_tensor* handle) { ++handle->references; }

void release(mneme_tensor* handle) {
    if (!handle || --handle->references) return;
    --live;
    handle->value.reset();
    handle->next = free_list;
    free_list = handle;
}

int64_t live_handles() { return live; }

int32_t report(mneme_status* status, int32_t code, const std::string& message) noexcept {
    const std::size_t n = std::min(message.size(), sizeof status->message - 1);
    std::memcpy(status->message, message.data(), n);
    status->message[n] = 0;
    return status->code = code;
}

int32_t report(mneme_status* status, const char* where) noexcept {
    const std::string place = where ? std::string(where) + ": " : std::string();
    try {
        throw;
    } catch (const Error& e) {
        return report(status, e.code() ? e.code() : MNEME_FAILED, e.what());
    } catch (const c10::Error& e) {
        const std::string text = e.what_without_backtrace();
        const bool memory = text.find("out of memory") != text.npos ||
                            text.find("can't allocate memory") != text.npos;
        return report(status, memory ? MNEME_MEMORY : MNEME_OPERATOR, place + first_line(text));
    } catch (const std::bad_alloc&) {
        return report(status, MNEME_MEMORY, place + "out of memory");
    } catch (const std::exception& e) {
        return report(status, MNEME_FAILED, place + first_line(e.what()));
    } catch (...) {
        return report(status, MNEME_FAILED,
                      place +
                          "an exception that does not derive from "
                          "std::exception");
    }
}

} // namespace mneme::host
