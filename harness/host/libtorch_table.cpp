// SPDX-License-Identifier: Apache-2.0
// "mneme.libtorch/1": for plugins that see LibTorch itself. What ties such a binary to this one is
// said in words, and compared before it is loaded; the witness then tells whether it found this
// LibTorch or brought another.
#include <mneme/libtorch.hpp>

#include "host/handle.hpp"
#include "host/ones.hpp"
#include "host/tables.hpp"

namespace mneme::host {

std::map<std::string, std::string> native_note() {
    return {{"libtorch", MNEME_LIBTORCH},
            {"cxx11_abi", MNEME_LIBTORCH_CXX11_ABI},
            {"tensor_bytes", std::to_string(sizeof(at::Tensor))}};
}

const mneme_libtorch_api libtorch_table = {
    sizeof(mneme_libtorch_api), 0, c10::UndefinedTensorImpl::singleton(),
    [](mneme_tensor* t) -> void* {
        no_longer_known(t->value);
        return &t->value;
    },
    [](const void* tensor, mneme_tensor** out, mneme_status* s) {
        return guarded(s, "wrap",
                       [&] { *out = hand_out(*static_cast<const at::Tensor*>(tensor)); });
    }};

} // namespace mneme::host
