// SPDX-License-Identifier: Apache-2.0
// "mneme.optimizer/1": one pass over theta for a whole step.
#include <cstddef>

#include <mneme/error.hpp>

#include "host/handle.hpp"
#include "host/ones.hpp"
#include "host/probe.hpp"
#include "host/session.hpp"
#include "host/tables.hpp"

namespace mneme::host {
namespace {

// float32, on the session's device, contiguous [S, P] or [S, 1]; null when the handle is.
float* matrix(const mneme_tensor* handle, const at::Tensor& theta, int64_t columns,
              const char* name) {
    if (!handle) return nullptr;
    const auto& t = handle->value;
    if (t.scalar_type() != at::kFloat || t.dim() != 2 || t.size(0) != theta.size(0) ||
        t.size(1) != columns || !t.is_contiguous() || t.device() != theta.device())
        throw Error(std::string("optimizer: ") + name +
                        " does not fit theta; it must be contiguous float32 of " +
                        std::to_string(theta.size(0)) + " x " + std::to_string(columns) +
                        " on theta's device",
                    MNEME_ARGUMENT);
    return t.data_ptr<float>();
}

template <class T> T* required(T* pointer, const char* name, const char* by = "this rule") {
    if (!pointer)
        throw Error(std::string("optimizer: ") + name + " is missing; " + by + " needs it",
                    MNEME_ARGUMENT);
    return pointer;
}

// A plugin of an older minor gives a shorter struct: nothing is carried then.
Carried carried(const mneme_update& u, const at::Tensor& theta, int64_t columns) {
    Carried with;
    if (u.size <= offsetof(mneme_update, importance)) return with;
    with.importance = matrix(u.importance, theta, columns, "importance");
    if (with.importance) {
        with.anchor = required(matrix(u.anchor, theta, columns, "anchor"), "anchor", "the penalty");
        with.strength =
            required(matrix(u.strength, theta, 1, "strength"), "strength", "the penalty");
        with.clip = static_cast<float>(u.clip);
    }
    if (u.path) no_longer_known(u.path->value);
    with.path = matrix(u.path, theta, columns, "path");
    if (with.path) with.along = matrix(u.along, theta, columns, "along");
    return with;
}

int32_t step(const mneme_update* u, mneme_tensor* theta_handle, mneme_tensor* gradient_handle,
             mneme_status* status) {
    show("optimizer.step", theta_handle, gradient_handle);
    for (const auto* written : {theta_handle, u->first, u->second, u->steps})
        if (written) no_longer_known(written->value);
    return guarded(status, "optimizer", [&] {
        const auto& theta = theta_handle->value;
        if (theta.dim() != 2)
            throw Error("optimizer: theta has " + std::to_string(theta.dim()) +
                            " dimensions; it must be [S, P]",
                        MNEME_ARGUMENT);
        const int64_t s = theta.size(0), p = theta.size(1);
        float* values = matrix(theta_handle, theta, p, "theta");
        const auto whole = gradient_handle->value.contiguous();
        const mneme_tensor dense{whole, 1, nullptr};
        const float* g = required(matrix(&dense, theta, p, "gradient"), "gradient");
        const float *lr = required(matrix(u->lr, theta, 1, "lr"), "lr"),
                    *decay =
                        required(matrix(u->weight_decay, theta, 1, "weight_decay"), "weight_decay");
        float *first = matrix(u->first, theta, p, "first moment"),
              *second = matrix(u->second, theta, p, "second moment");
        at::Tensor mask;
        if (u->mask) mask = u->mask->value.expand({s, p}).contiguous();
        const bool* moves = mask.defined() ? mask.data_ptr<bool>() : nullptr;
        const Carried with = carried(*u, theta, p);
        auto& session = Session::current();
        if (u->rule == MNEME_SGD)
            return session.kernels().sgd(
                {values, u->momentum > 0 ? required(first, "first moment") : nullptr, g, lr, decay,
                 moves, static_cast<float>(u->momentum), s, p, with},
                session.stream());
        if (u->rule != MNEME_ADAM && u->rule != MNEME_ADAMW)
            throw Error(
                "optimizer: rule " + std::to_string(u->rule) + " is not known to this host; 0 to 2",
                MNEME_ARGUMENT);
        float* steps = required(matrix(u->steps, theta, 1, "steps"), "steps");
        const AdamStep step{values,
                            required(first, "first moment"),
                            required(second, "second moment"),
                            g,
                            lr,
                            decay,
                            steps,
                            moves,
                            static_cast<float>(u->beta1),
                            static_cast<float>(u->beta2),
                            static_cast<float>(u->epsilon),
                            u->rule == MNEME_ADAMW,
                            s,
                            p,
                            with};
        u->steps->value.add_(1); // not before all is found right: a refused step changes nothing
        session.kernels().adam(step, session.stream());
    });
}

} // namespace

const mneme_optimizer_api optimizer_table = {sizeof(mneme_optimizer_api), 0, step};

} // namespace mneme::host
