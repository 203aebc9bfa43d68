// SPDX-License-Identifier: Apache-2.0
// Derivatives of a method's own functions, recorded by the host. Plugin code runs with recording
// off; these turn it on for the call of the function and off again. A tensor that is made inside,
// and not a leaf, may not be kept.
#pragma once

#include <vector>

#include <mneme/net.hpp>

namespace mneme {

namespace border {
class Recording final { // on for its lifetime
  public:
    Recording() : before_(tables.autograd->record(1)) {}
    ~Recording() { tables.autograd->record(before_); }
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

  private:
    const int32_t before_;
};
} // namespace border

// The vector-Jacobian product: d sum(f(inputs) * cotangent) / d inputs, shaped like the inputs. `f`
// takes the inputs as fresh leaves. An undefined cotangent stands for ones; an input that f does
// not use gets zeros.
template <class F>
std::vector<Tensor> derivative(const std::vector<Tensor>& inputs, F&& f, const Tensor& cotangent) {
    if (!border::tables.autograd)
        throw Error("derivative: this host does not record gradients", MNEME_STATE);
    std::vector<Tensor> leaves;
    for (const auto& input : inputs) {
        mneme_tensor* leaf = nullptr;
        border::call(border::tables.autograd->leaf, input.handle(), &leaf);
        leaves.emplace_back(leaf);
    }
    Tensor value;
    {
        const border::Recording on;
        value = f(static_cast<const std::vector<Tensor>&>(leaves));
    }
    mneme_tensor *const output = value.handle(), *const along = cotangent.handle();
    const auto handles = border::handles(leaves);
    std::vector<mneme_tensor*> out(inputs.size(), nullptr);
    border::call(border::tables.autograd->gradients, &output,
                 cotangent.defined() ? &along : nullptr, int32_t{1}, handles.data(),
                 static_cast<int32_t>(handles.size()), out.data());
    std::vector<Tensor> result;
    for (auto* handle : out) result.emplace_back(handle);
    return result;
}

// d (sum of f's entries) / d inputs. With one loss a replica, [S], each row's gradient is its own.
template <class F> std::vector<Tensor> gradients(const std::vector<Tensor>& inputs, F&& f) {
    return derivative(inputs, std::forward<F>(f), Tensor());
}

} // namespace mneme
