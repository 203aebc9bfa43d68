// SPDX-License-Identifier: Apache-2.0
// where(mask, a, b) on a CPU, sixteen entries at a time: LibTorch's takes them one by one and asks
// at each, and a mask cannot be guessed.
#include "host/cpu_where.hpp"

#include <bit>
#include <cstdint>

#include <base/clones.hpp>

namespace mneme::host {
namespace {

// By bits: written with a question mark the compiler asks.
[[gnu::always_inline]] inline float chosen(bool yes, float a, float b) {
    const uint32_t all = 0u - uint32_t{yes};
    return std::bit_cast<float>((std::bit_cast<uint32_t>(a) & all) |
                                (std::bit_cast<uint32_t>(b) & ~all));
}
MNEME_CLONES void choose(float* __restrict out, const bool* __restrict mask,
                         const float* __restrict a, const float* __restrict b, int64_t n) {
    for (int64_t k = 0; k < n; ++k) out[k] = chosen(mask[k], a[k], b[k]);
}
MNEME_CLONES void choose(float* __restrict out, const bool* __restrict mask,
                         const float* __restrict a, float b, int64_t n) {
    for (int64_t k = 0; k < n; ++k) out[k] = chosen(mask[k], a[k], b);
}

bool floats(const at::Tensor& t) {
    return t.defined() && t.is_cpu() && t.scalar_type() == at::kFloat;
}

} // namespace

at::Tensor cpu_where(const at::Tensor& mask, const at::Tensor& a, const at::Tensor& b) {
    if (!floats(a) || !floats(b) || !mask.defined() || !mask.is_cpu() ||
        mask.scalar_type() != at::kBool)
        return {};
    if (mask.sizes() != a.sizes() || !mask.is_contiguous() || !a.is_contiguous()) return {};
    const bool one = b.numel() == 1 && b.dim() <= a.dim();
    if (!one && (b.sizes() != a.sizes() || !b.is_contiguous())) return {};
    auto out = at::empty_like(a);
    const bool* which = mask.data_ptr<bool>();
    if (one)
        choose(out.data_ptr<float>(), which, a.data_ptr<float>(), *b.data_ptr<float>(),
               mask.numel());
    else
        choose(out.data_ptr<float>(), which, a.data_ptr<float>(), b.data_ptr<float>(),
               mask.numel());
    return out;
}

} // namespace mneme::host
