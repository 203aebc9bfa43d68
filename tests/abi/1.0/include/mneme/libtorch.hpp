// SPDX-License-Identifier: Apache-2.0
// The native tier: for a plugin that needs at::Tensor itself. Such a file is tied to one LibTorch:
// its note says which, and a harness over another refuses it before it is loaded. Include this
// before MNEME_METHOD, and link LibTorch. Who can do without, writes over mneme.hpp.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/UndefinedTensorImpl.h>
#include <torch/version.h>

#include <mneme/method.hpp>

#define MNEME_LIBTORCH MNEME_TEXT(TORCH_VERSION_MAJOR) "." MNEME_TEXT(TORCH_VERSION_MINOR)
#define MNEME_LIBTORCH_CXX11_ABI MNEME_TEXT(_GLIBCXX_USE_CXX11_ABI)
#undef MNEME_TIER
#define MNEME_TIER                                                                  \
    "tier=native\nlibtorch=" MNEME_LIBTORCH "\ncxx11_abi=" MNEME_LIBTORCH_CXX11_ABI \
    "\ntensor_bytes=8"

namespace mneme::native {

static_assert(sizeof(at::Tensor) == 8, "the note says tensor_bytes=8");

inline const mneme_libtorch_api& api() {
    static const auto* table = static_cast<const mneme_libtorch_api*>(
        border::tables.host->find_interface("mneme.libtorch/1"));
    if (!table)
        throw Error(
            "native: this host gives no at::Tensor (mneme.libtorch/1); use another, or write over "
            "mneme.hpp",
            MNEME_STATE);
    const c10::TensorImpl* ours = c10::UndefinedTensorImpl::singleton();
    if (table->witness != ours)
        throw Error(
            "native: there is a second LibTorch in this process, which the plugin is linked with; "
            "link it with the harness's own",
            MNEME_STATE);
    return *table;
}

// The host's tensor, and a handle on one of ours; values are shared.
inline at::Tensor of(const Tensor& t) {
    return t.defined() ? *static_cast<at::Tensor*>(api().unwrap(t.handle())) : at::Tensor();
}
inline Tensor of(const at::Tensor& t) {
    mneme_tensor* out = nullptr;
    border::call(api().wrap, &t, &out);
    return Tensor(out);
}

} // namespace mneme::native
