// SPDX-License-Identifier: Apache-2.0
// "mneme.select/1": the largest of each row, for masks. On a CPU a kernel of our own; on a GPU
// LibTorch's operators.
#include <mneme/error.hpp>

#include "host/handle.hpp"
#include "host/probe.hpp"
#include "host/session.hpp"
#include "host/tables.hpp"

namespace mneme::host {
namespace {

// The reference, too: k-th largest, then of the equal ones the last.
at::Tensor by_operators(const at::Tensor& a, int64_t k) {
    const auto least = std::get<0>(at::topk(a, k, 1, true, false)).amin(1, true);
    const auto enough = a >= least, equal = a == least; // of the equal ones the first are too many
    return enough.logical_and(
        (equal.logical_and(equal.cumsum(1) <= enough.sum(1, true) - k)).logical_not());
}

int32_t largest(const mneme_tensor* handle, int64_t k, mneme_tensor** out, mneme_status* status) {
    show("select.largest", const_cast<mneme_tensor*>(handle));
    return guarded(status, "largest", [&] {
        const auto& a = handle->value;
        if (a.dim() != 2 || k < 1 || k > a.size(1))
            throw Error("largest: " + std::to_string(k) + " of each row of " + c10::str(a.sizes()) +
                            "; expected a matrix [S, n] and 1 to n",
                        MNEME_ARGUMENT);
        if (!a.is_cpu() || a.scalar_type() != at::kFloat) {
            *out = hand_out(by_operators(a, k));
            return;
        }
        const auto values = a.contiguous();
        auto mask = at::empty(a.sizes(), at::kBool);
        cpu_largest({values.data_ptr<float>(), mask.data_ptr<bool>(), a.size(0), a.size(1), k});
        *out = hand_out(mask);
    });
}

} // namespace

const mneme_select_api select_table = {sizeof(mneme_select_api), 0, largest};

} // namespace mneme::host
