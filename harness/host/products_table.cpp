// SPDX-License-Identifier: Apache-2.0
// "mneme.products/1": inner products of rows by a kernel of our own.
#include <mneme/error.hpp>

#include "host/handle.hpp"
#include "host/probe.hpp"
#include "host/session.hpp"
#include "host/tables.hpp"

namespace mneme::host {
namespace {

int32_t of_rows(mneme_tensor* a_handle, mneme_tensor* b_handle, mneme_tensor** ab,
                mneme_tensor** bb, mneme_status* status) {
    show("products.of_rows", a_handle, b_handle);
    return guarded(status, "products", [&] {
        if (!a_handle || !b_handle) throw Error("products: a or b is missing", MNEME_ARGUMENT);
        const auto &a_value = a_handle->value, &b_value = b_handle->value;
        if (a_value.dim() != 2 || a_value.size(0) < 1 || a_value.size(1) < 1 ||
            a_value.sizes() != b_value.sizes() || a_value.scalar_type() != at::kFloat ||
            b_value.scalar_type() != at::kFloat || a_value.device() != b_value.device())
            throw Error(
                c10::str("products: a is ", a_value.scalar_type(), " ", a_value.sizes(), " on ",
                         a_value.device(), " and b ", b_value.scalar_type(), " ", b_value.sizes(),
                         " on ", b_value.device(), "; expected Float [S, n] both, on one device"),
                MNEME_ARGUMENT);
        const auto a = a_value.contiguous(), b = b_value.contiguous();
        const int64_t replicas = a.size(0), columns = a.size(1);
        auto ab_sums = at::empty({replicas, 1}, a.options()), bb_sums = at::empty_like(ab_sums);
        at::Tensor parts;
        if (!a.is_cpu())
            parts = at::empty({replicas, products_parts(columns), 2},
                              ab_sums.options().dtype(at::kDouble));
        const auto& session = Session::current();
        const auto& kernels = a.is_cpu() ? cpu_kernels : session.kernels();
        kernels.products({a.data_ptr<float>(), b.data_ptr<float>(), ab_sums.data_ptr<float>(),
                          bb_sums.data_ptr<float>(), replicas, columns,
                          parts.defined() ? parts.data_ptr<double>() : nullptr},
                         session.stream());
        *ab = hand_out(ab_sums), *bb = hand_out(bb_sums);
    });
}

} // namespace

const mneme_products_api products_table = {sizeof(mneme_products_api), 0, of_rows};

} // namespace mneme::host
