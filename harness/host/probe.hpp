// SPDX-License-Identifier: Apache-2.0
// Looks at what a plugin asks of the host, for the examiner. While nobody looks it costs the test
// of a pointer.
#pragma once

#include <cstdint>

#include <mneme/abi.h>

namespace mneme::host {

class Probe {
  public:
    virtual ~Probe() = default;
    virtual void called(const char* what, const mneme_value* arguments,
                        int32_t n) = 0; // an operator, or a service such as "net.gradient"
    virtual void gave(const char* what, const mneme_value* results, int32_t n) = 0;
    virtual void read() = 0; // a value is copied to the plugin
    virtual void returned(
        const char* function,
        bool recording) = 0; // a plugin's function has ended; is gradient recording left on?

    static inline Probe* looking = nullptr; // from one thread
};

// A service with tensors for arguments, in the probe's words.
template <class... T> void show(const char* what, T*... tensors) {
    if (!Probe::looking) return;
    const mneme_value arguments[sizeof...(T) + 1] = {[](mneme_tensor* t) {
        mneme_value v{};
        v.kind = t ? MNEME_TENSOR : MNEME_NONE;
        v.v.tensor = t;
        return v;
    }(tensors)...};
    Probe::looking->called(what, arguments, sizeof...(T));
}

} // namespace mneme::host
