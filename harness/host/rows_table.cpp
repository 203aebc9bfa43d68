// SPDX-License-Identifier: Apache-2.0
// "mneme.rows/1": rows of a batch into the slots of one that is kept, by one kernel.
#include <mneme/error.hpp>

#include "host/handle.hpp"
#include "host/probe.hpp"
#include "host/session.hpp"
#include "host/tables.hpp"

namespace mneme::host {
namespace {

using Shape = std::vector<int64_t>;

at::Tensor given(const mneme_tensor* handle, const char* whose, const char* name) {
    if (!handle) throw Error(c10::str("put_rows: ", whose, name, " is missing"), MNEME_ARGUMENT);
    return handle->value;
}

at::Tensor fitting(const mneme_tensor* handle, const char* whose, const char* name,
                   at::ScalarType type, const Shape& shape, at::Device device) {
    const auto t = given(handle, whose, name);
    if (t.scalar_type() != type || t.sizes() != at::IntArrayRef(shape) || t.device() != device)
        throw Error(
            c10::str("put_rows: ", whose, name, " is ", t.scalar_type(), " ", t.sizes(), " on ",
                     t.device(), "; expected ", type, " ", at::IntArrayRef(shape), " on ", device),
            MNEME_ARGUMENT);
    return t;
}

struct Rows { // a batch whose parts fit
    at::Tensor x, y, task, weight;
    Rows(const mneme_batch& b, const char* whose, const Shape& x_shape, const Shape& shape,
         at::Device device)
        : x(fitting(b.x, whose, "x", at::kFloat, x_shape, device)),
          y(fitting(b.y, whose, "y", at::kLong, shape, device)),
          task(fitting(b.task, whose, "task", at::kLong, shape, device)),
          weight(fitting(b.weight, whose, "weight", at::kFloat, shape, device)) {}
};

int32_t put(const mneme_batch* to, mneme_tensor* slot, const mneme_batch* from,
            mneme_status* status) {
    show("rows.put", to->x, to->y, to->task, to->weight, slot, from->x, from->y, from->task,
         from->weight);
    return guarded(status, "put_rows", [&] {
        const auto slots_x = given(to->x, "the slots' ", "x"), at_slots = given(slot, "", "slot");
        if (slots_x.dim() < 2 || at_slots.dim() != 2)
            throw Error(c10::str("put_rows: the slots' x is ", slots_x.sizes(), " and slot ",
                                 at_slots.sizes(), "; expected [S, M, D] and [S, B]"),
                        MNEME_ARGUMENT);
        const auto device = slots_x.device();
        const int64_t replicas = slots_x.size(0), slots = slots_x.size(1), rows = at_slots.size(1);
        auto shape = slots_x.sizes().vec();
        const Rows kept(*to, "the slots' ", shape, {replicas, slots}, device);
        for (const auto& t : {kept.x, kept.y, kept.task, kept.weight})
            if (!t.is_contiguous())
                throw Error(
                    "put_rows: the slots are not contiguous; they are written where they lie",
                    MNEME_ARGUMENT);

        const int64_t width = c10::multiply_integers(shape.begin() + 2, shape.end());
        shape[1] = rows;
        const auto rows_x = given(from->x, "the rows' ", "x");
        const bool lacks_replicas = rows_x.dim() < slots_x.dim(); // of a plugin of before
        const bool one_for_all =
            !lacks_replicas && rows_x.dim() == 3 && replicas > 1 && rows_x.stride(0) == 0;
        const bool shared = lacks_replicas || one_for_all;
        if (lacks_replicas) shape.erase(shape.begin());
        Rows batch(*from, "the rows' ", shape, {replicas, rows}, device);
        if (one_for_all) batch.x = batch.x[0];
        for (auto* t : {&batch.x, &batch.y, &batch.task, &batch.weight}) *t = t->contiguous();
        const auto which =
            fitting(slot, "", "slot", at::kLong, {replicas, rows}, device).contiguous();

        const auto& session = Session::current();
        session.kernels().put_rows(
            {{kept.x.data_ptr<float>(), kept.y.data_ptr<int64_t>(), kept.task.data_ptr<int64_t>(),
              kept.weight.data_ptr<float>()},
             {batch.x.data_ptr<float>(), shared ? 0 : rows * width, batch.y.data_ptr<int64_t>(),
              batch.task.data_ptr<int64_t>(), batch.weight.data_ptr<float>()},
             which.data_ptr<int64_t>(),
             replicas,
             rows,
             slots,
             width},
            session.stream());
    });
}

} // namespace

const mneme_rows_api rows_table = {sizeof(mneme_rows_api), 0, put};

} // namespace mneme::host
