// SPDX-License-Identifier: Apache-2.0
// Members of Tensor: one line an operator.
#pragma once

#include <mneme/arithmetic.hpp>
#include <mneme/op.hpp>

namespace mneme {

inline std::vector<int64_t> Tensor::shape() const {
    std::vector<int64_t> sizes(static_cast<std::size_t>(dim()));
    border::tables.tensor->shape(handle_, sizes.data(), static_cast<int32_t>(sizes.size()));
    return sizes;
}
inline int64_t Tensor::size(int64_t d) const {
    int64_t sizes[8];
    const int64_t dims = border::tables.tensor->shape(handle_, sizes, 8);
    return sizes[d < 0 ? d + dims : d];
}
inline int64_t Tensor::numel() const {
    int64_t n = 1;
    for (int64_t s : shape()) n *= s;
    return n;
}
inline std::vector<double> Tensor::to_vector() const {
    std::vector<double> out(static_cast<std::size_t>(numel()));
    border::call(border::tables.tensor->read, handle_, int32_t{MNEME_REAL},
                 static_cast<void*>(out.data()), numel());
    return out;
}
inline double Tensor::item() const {
    double out = 0;
    border::call(border::tables.tensor->read, handle_, int32_t{MNEME_REAL},
                 static_cast<void*>(&out), int64_t{1});
    return out;
}

inline Tensor& Tensor::add_(const Tensor& other, double alpha) {
    if (alpha == 1) MNEME_OP("aten::add_.Tensor").update(*this, other);
    else MNEME_OP("aten::add_.Tensor").update(*this, other, alpha);
    return *this;
}
inline Tensor& Tensor::addcmul_(const Tensor& a, const Tensor& b, double value) {
    return MNEME_OP("aten::addcmul_").update(*this, a, b, value), *this;
}
inline Tensor& Tensor::copy_(const Tensor& source) {
    return MNEME_OP("aten::copy_").update(*this, source), *this;
}
inline Tensor& Tensor::fill_(double value) {
    return MNEME_OP("aten::fill_.Scalar").update(*this, value), *this;
}
inline Tensor& Tensor::lerp_(const Tensor& end, double weight) {
    return MNEME_OP("aten::lerp_.Scalar").update(*this, end, weight), *this;
}
inline Tensor Tensor::lerp(const Tensor& end, double weight) const {
    return MNEME_OP("aten::lerp.Scalar")(*this, end, weight);
}
inline Tensor Tensor::lerp(const Tensor& end, const Tensor& weight) const {
    return MNEME_OP("aten::lerp.Tensor")(*this, end, weight);
}
inline Tensor Tensor::clamp_min(double min) const {
    return MNEME_OP("aten::clamp_min")(*this, min);
}
inline Tensor Tensor::clamp(double min, double max) const {
    return MNEME_OP("aten::clamp")(*this, min, max);
}
inline Tensor Tensor::pow(double exponent) const {
    return MNEME_OP("aten::pow.Tensor_Scalar")(*this, exponent);
}
inline Tensor Tensor::remainder(int64_t divisor) const {
    return MNEME_OP("aten::remainder.Scalar")(*this, divisor);
}
inline Tensor Tensor::masked_fill(const Tensor& mask, double value) const {
    return MNEME_OP("aten::masked_fill.Scalar")(*this, mask, value);
}
inline Tensor Tensor::sum() const { return MNEME_OP("aten::sum")(*this); }
inline Tensor Tensor::sum(int64_t d, bool keep) const {
    return MNEME_OP("aten::sum.dim_IntList")(*this, std::vector<int64_t>{d}, keep);
}
inline Tensor Tensor::mean(int64_t d, bool keep) const {
    return MNEME_OP("aten::mean.dim")(*this, std::vector<int64_t>{d}, keep);
}
inline Tensor Tensor::amax(int64_t d, bool keep) const {
    return MNEME_OP("aten::amax")(*this, std::vector<int64_t>{d}, keep);
}
inline Tensor Tensor::amin(int64_t d, bool keep) const {
    return MNEME_OP("aten::amin")(*this, std::vector<int64_t>{d}, keep);
}
inline Tensor Tensor::any(int64_t d, bool keep) const {
    return MNEME_OP("aten::any.dim")(*this, d, keep);
}
inline Tensor Tensor::argmax(int64_t d, bool keep) const {
    return MNEME_OP("aten::argmax")(*this, d, keep);
}
inline Tensor Tensor::cumsum(int64_t d) const { return MNEME_OP("aten::cumsum")(*this, d); }
inline std::array<Tensor, 2> Tensor::topk(int64_t k, int64_t d) const {
    return MNEME_OP("aten::topk").several<2>(*this, k, d);
}
inline std::array<Tensor, 2> Tensor::sort(int64_t d, bool descending) const {
    return MNEME_OP("aten::sort.stable").several<2>(*this, true, d, descending);
}
inline Tensor Tensor::softmax(int64_t d) const { return MNEME_OP("aten::softmax.int")(*this, d); }
inline Tensor Tensor::log_softmax(int64_t d) const {
    return MNEME_OP("aten::log_softmax.int")(*this, d);
}
inline Tensor Tensor::gather(int64_t d, const Tensor& index) const {
    return MNEME_OP("aten::gather")(*this, d, index);
}
inline Tensor& Tensor::scatter_(int64_t d, const Tensor& index, const Tensor& source) {
    return MNEME_OP("aten::scatter_.src").update(*this, d, index, source), *this;
}
inline Tensor Tensor::index_select(int64_t d, const Tensor& index) const {
    return MNEME_OP("aten::index_select")(*this, d, index);
}
inline Tensor Tensor::triu(int64_t diagonal) const {
    return MNEME_OP("aten::triu")(*this, diagonal);
}
inline Tensor Tensor::reshape(const std::vector<int64_t>& shape) const {
    return MNEME_OP("aten::reshape")(*this, shape);
}
inline Tensor Tensor::expand(const std::vector<int64_t>& shape) const {
    return MNEME_OP("aten::expand")(*this, shape);
}
inline Tensor Tensor::repeat(const std::vector<int64_t>& times) const {
    return MNEME_OP("aten::repeat")(*this, times);
}
inline Tensor Tensor::unsqueeze(int64_t d) const { return MNEME_OP("aten::unsqueeze")(*this, d); }
inline Tensor Tensor::squeeze(int64_t d) const { return MNEME_OP("aten::squeeze.dim")(*this, d); }
inline Tensor Tensor::transpose(int64_t a, int64_t b) const {
    return MNEME_OP("aten::transpose.int")(*this, a, b);
}
inline Tensor Tensor::narrow(int64_t d, int64_t start, int64_t length) const {
    return MNEME_OP("aten::narrow")(*this, d, start, length);
}
inline Tensor Tensor::select(int64_t d, int64_t index) const {
    return MNEME_OP("aten::select.int")(*this, d, index);
}
inline Tensor Tensor::matmul(const Tensor& other) const {
    return MNEME_OP("aten::matmul")(*this, other);
}
inline Tensor Tensor::to(DType type) const { return MNEME_OP("aten::to.dtype")(*this, type); }
inline Tensor Tensor::new_zeros(const std::vector<int64_t>& shape) const {
    return MNEME_OP("aten::new_zeros")(*this, shape);
}
inline Tensor Tensor::new_full(const std::vector<int64_t>& shape, double value) const {
    return MNEME_OP("aten::new_full")(*this, shape, value);
}

// One line for the log, with the tensor's values. Waits for the device: not in a step.
inline void log(const std::string& what, const Tensor& values) {
    std::string line = what + ":";
    for (double v : values.to_vector()) line += " " + std::to_string(v);
    border::tables.host->log(line.c_str());
}

} // namespace mneme
