// SPDX-License-Identifier: Apache-2.0
// Operators on tensors, and functions that make tensors.
#pragma once

#include <mneme/op.hpp>

namespace mneme {

#define MNEME_UNARY(name)                                                          \
    inline Tensor Tensor::name() const { return MNEME_OP("aten::" #name)(*this); } \
    inline Tensor name(const Tensor& a) { return a.name(); }
#define MNEME_UPDATE0(name)                     \
    inline Tensor& Tensor::name() {             \
        MNEME_OP("aten::" #name).update(*this); \
        return *this;                           \
    }
#define MNEME_BINARY(name, symbol)                                    \
    inline Tensor operator symbol(const Tensor& a, const Tensor& b) { \
        return MNEME_OP("aten::" #name ".Tensor")(a, b);              \
    }                                                                 \
    inline Tensor operator symbol(const Tensor& a, Scalar b) {        \
        return MNEME_OP("aten::" #name ".Scalar")(a, b);              \
    }
#define MNEME_COMPARE(name, symbol) MNEME_BINARY(name, symbol)
#define MNEME_WRAPPED(schema)
#include <mneme/operators.def>

inline Tensor operator+(Scalar a, const Tensor& b) { return b + a; }
inline Tensor operator*(Scalar a, const Tensor& b) { return b * a; }
inline Tensor operator-(const Tensor& a) { return a.neg(); }
inline Tensor operator-(Scalar a, const Tensor& b) { return -b + a; }
inline Tensor operator/(Scalar a, const Tensor& b) { return b.reciprocal() * a; }
inline Tensor operator!(const Tensor& a) { return a.logical_not(); }
inline Tensor operator&&(const Tensor& a, const Tensor& b) {
    return MNEME_OP("aten::logical_and")(a, b);
}
inline Tensor operator||(const Tensor& a, const Tensor& b) {
    return MNEME_OP("aten::logical_or")(a, b);
}
inline Tensor& operator+=(Tensor& a, const Tensor& b) { return a.add_(b); }
inline Tensor& operator+=(Tensor& a, Scalar b) {
    return MNEME_OP("aten::add_.Scalar").update(a, b), a;
}
inline Tensor& operator-=(Tensor& a, const Tensor& b) {
    return MNEME_OP("aten::sub_.Tensor").update(a, b), a;
}
inline Tensor& operator*=(Tensor& a, const Tensor& b) {
    return MNEME_OP("aten::mul_.Tensor").update(a, b), a;
}
inline Tensor& operator*=(Tensor& a, Scalar b) {
    return MNEME_OP("aten::mul_.Scalar").update(a, b), a;
}
inline Tensor& operator/=(Tensor& a, const Tensor& b) {
    return MNEME_OP("aten::div_.Tensor").update(a, b), a;
}
inline Tensor operator>>(const Tensor& a, int64_t bits) {
    return MNEME_OP("aten::__rshift__.Scalar")(a, bits);
}
inline Tensor where(const Tensor& mask, const Tensor& yes, const Tensor& no) {
    return MNEME_OP("aten::where.self")(mask, yes, no);
}
inline Tensor maximum(const Tensor& a, const Tensor& b) { return MNEME_OP("aten::maximum")(a, b); }
inline Tensor minimum(const Tensor& a, const Tensor& b) { return MNEME_OP("aten::minimum")(a, b); }

namespace border {
inline std::vector<mneme_tensor*> handles(const std::vector<Tensor>& tensors) {
    std::vector<mneme_tensor*> list;
    for (const auto& t : tensors) list.push_back(t.handle());
    return list;
}
inline Tensor create(const std::vector<int64_t>& shape, DType type, const void* data) {
    mneme_tensor* out = nullptr;
    call(tables.tensor->create, shape.data(), static_cast<int32_t>(shape.size()),
         static_cast<int32_t>(type), data, &out);
    return Tensor(out);
}
} // namespace border

inline Tensor Tensor::of(const std::vector<float>& values, const std::vector<int64_t>& shape) {
    return border::create(shape, DType::float32, values.data());
}
inline Tensor Tensor::of(const std::vector<int64_t>& values, const std::vector<int64_t>& shape) {
    return border::create(shape, DType::int64, values.data());
}
inline Tensor cat(const std::vector<Tensor>& tensors, int64_t d) {
    return MNEME_OP("aten::cat")(border::handles(tensors), d);
}
inline Tensor stack(const std::vector<Tensor>& tensors, int64_t d) {
    return MNEME_OP("aten::stack")(border::handles(tensors), d);
}
inline Tensor zeros(const std::vector<int64_t>& shape, DType type = DType::float32) {
    return border::create(shape, type, nullptr);
}
// 0, 1, ..., n - 1
inline Tensor range(int64_t n) {
    std::vector<int64_t> values(static_cast<std::size_t>(n));
    for (int64_t k = 0; k < n; ++k) values[static_cast<std::size_t>(k)] = k;
    return Tensor::of(values, {n});
}
// The unit matrix [n, n].
inline Tensor identity(int64_t n) {
    std::vector<float> values(static_cast<std::size_t>(n * n));
    for (int64_t k = 0; k < n; ++k) values[static_cast<std::size_t>(k * (n + 1))] = 1;
    return Tensor::of(values, {n, n});
}

} // namespace mneme
