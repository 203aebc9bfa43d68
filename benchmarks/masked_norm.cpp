// SPDX-License-Identifier: Apache-2.0
#include "masked_norm.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "optional_tensor.hpp"

namespace mneme::bench {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// By given means and variances of the rows that count. With N positions that count, g = scale /
// deviation and z the normalised values:
//   d shift = sum d,   d scale = sum d z,   d a = g d                               where a row
//       does not count
//                                           d a = g (d - (sum d + z sum d z) / N)   where it does
// LibTorch's kernel gives the last with the positions of all rows in place of N. What the sums take
// off is then too little by of_whole, the rows of the batch over those that count: lerp goes
// of_whole of the way from g d to what the kernel gives, and all of it where every row counts.
class ByRows : public torch::autograd::Function<ByRows> {
  public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& a,
                              const OptionalTensor& scale, const OptionalTensor& shift,
                              const at::Tensor& mean, const at::Tensor& variance,
                              const at::Tensor& of_whole) {
        context->save_for_backward(
            {a, scale.value_or(at::Tensor()), mean, (variance + norm_eps).rsqrt(), of_whole});
        return std::get<0>(
            at::native_batch_norm(a, scale, shift, mean, variance, false, 0, norm_eps));
    }

    static variable_list backward(AutogradContext* context, const variable_list& grads) {
        // Mean and variance are numbers here: the derivative of this would leave them out.
        TORCH_CHECK(!at::GradMode::is_enabled(),
                    "batch normalisation by rows that count has no second derivative on a device");
        const auto saved = context->get_saved_variables();
        const auto &d = grads[0], &a = saved[0], &scale = saved[1], &mean = saved[2],
                   &inverse = saved[3], &of_whole = saved[4];
        const bool affine = scale.defined();
        const auto whole = at::native_batch_norm_backward(d, a, scale, {}, {}, mean, inverse, true,
                                                          norm_eps, {true, affine, affine});
        const auto direct = d * (affine ? scale * inverse : inverse).view({-1, 1, 1});
        const std::vector<int64_t> shape{of_whole.size(0), of_whole.size(1), -1};
        const auto da =
            at::lerp(direct.reshape(shape), std::get<0>(whole).reshape(shape), of_whole);
        return {da.view(a.sizes()), std::get<1>(whole), std::get<2>(whole), {}, {}, {}};
    }
};

} // namespace

MaskedNorm::MaskedNorm(const at::Tensor& counts, at::ScalarType type) {
    const auto counted = counts.t().to(type);
    number_ = counted.sum(0).unsqueeze(1);
    share_ = counted.unsqueeze(2) / number_.clamp_min(1);
    none_ = number_.eq(0).to(type);
    rate_ = norm_momentum * (1 - none_);
    of_whole_ = share_ * double(counts.size(1));
}

at::Tensor MaskedNorm::normalised(const at::Tensor& a, const at::Tensor& scale,
                                  const at::Tensor& shift, at::Tensor means, at::Tensor variances) {
    at::Tensor mean, variance;
    {
        at::AutoGradMode off(false);
        const std::vector<int64_t> shape{share_.size(0), share_.size(1), -1};
        const auto each = at::var_mean(a, at::IntArrayRef{2, 3},
                                       false); // biased, of a row's channel; one pass over a
        const auto of_row = std::get<1>(each).view(shape);
        mean = (of_row * share_).sum(0);
        const auto away = of_row - mean;
        variance = (at::addcmul(std::get<0>(each).view(shape), away, away) * share_).sum(0);
        if (means.defined()) {
            if (const int64_t positions = a.size(2) * a.size(3); positions != positions_) {
                const auto n = number_ * double(positions);
                unbiased_ = n / (n - 1).clamp_min(1);
                positions_ = positions;
            }
            means.lerp_(mean, rate_);
            variances.lerp_(variance * unbiased_, rate_);
        }
        variance = variance + none_;
    }
    return ByRows::apply(a, given(scale), given(shift), mean.view({-1}), variance.view({-1}),
                         of_whole_);
}

} // namespace mneme::bench
