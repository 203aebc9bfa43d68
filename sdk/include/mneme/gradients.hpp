// SPDX-License-Identifier: Apache-2.0
// Gradients of a loss of one's own: one pass forward and one back, as Net::gradient makes them.
//
//   const auto g = gradient(net(), weights(), batch, [&](const Tensor& logits) {
//       return loss_cotangent(net(), logits, batch) + alpha_ * 2 * (logits - stored) / rows;
//   });
#pragma once

#include <exception>
#include <type_traits>

#include <mneme/net.hpp>

namespace mneme {

namespace border {
inline const mneme_gradients_api& gradients_api(const char* what) {
    return required(tables.gradients, what, "mneme.gradients/1");
}

// A function of the logits as the host calls it; what it throws waits until the host is left.
template <class F> struct Cotangent {
    F& f;
    std::exception_ptr thrown{};

    static int32_t give(void* self, mneme_tensor* logits, mneme_tensor** out,
                        mneme_status* status) {
        auto& me = *static_cast<Cotangent*>(self);
        try {
            Tensor d = me.f(Tensor::borrow(logits));
            *out = d.release();
            return MNEME_OK;
        } catch (...) {
            me.thrown = std::current_exception();
            status->message[0] = 0;
            return status->code = MNEME_FAILED;
        }
    }
};
} // namespace border

// d loss / d theta, [S, P], for d loss / d logits [S, B, C] as `cotangent` gives it for the logits
// of batch.x. The division by the number of rows is the cotangent's business.
template <class F>
requires std::is_invocable_r_v<Tensor, F&, const Tensor&> Tensor gradient(
    const Net& net, const Weights& w, const Batch& batch, F&& cotangent, Mode mode = Mode::train) {
    auto& api = border::gradients_api("gradient");
    border::Cotangent<std::remove_reference_t<F>> by{cotangent};
    const auto b = border::lend(batch);
    try {
        return border::tensor_from(api.by_cotangent, net.raw(), w.theta.handle(), w.stats.handle(),
                                   &b, static_cast<int32_t>(mode), &decltype(by)::give,
                                   static_cast<void*>(&by));
    } catch (...) {
        if (by.thrown) std::rethrow_exception(by.thrown);
        throw;
    }
}

// d loss / d logits [S, B, C] of the built-in loss: cross-entropy under the head rule, the mean by
// weight. Inside `gradient` in train mode the current rows' losses go into the curve of training.
inline Tensor loss_cotangent(const Net& net, const Tensor& logits, const Batch& batch) {
    const auto b = border::lend(batch);
    return border::tensor_from(border::gradients_api("loss_cotangent").loss_cotangent, net.raw(),
                               logits.handle(), &b);
}

// What each row counts in a mean by weight, [S, B, 1]: nothing where it weighs nothing.
inline Tensor shares(const Batch& b) {
    return (b.weight / b.weight.sum(1, keepdim).clamp_min(1e-30)).unsqueeze(2);
}

// The gradient of each row by itself, [S, B, P], in eval mode: of its own cross-entropy, or for the
// cotangents [S, B, C] of its logits. As large as B rows of weights: take few rows at a time.
inline Tensor gradients_of_rows(const Net& net, const Weights& w, const Batch& batch,
                                const Tensor& cotangents = {}) {
    const auto b = border::lend(batch);
    return border::tensor_from(border::gradients_api("gradients_of_rows").of_rows, net.raw(),
                               w.theta.handle(), w.stats.handle(), &b, cotangents.handle());
}

} // namespace mneme
