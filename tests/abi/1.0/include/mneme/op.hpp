// SPDX-License-Identifier: Apache-2.0
// Operators of the host by name, and their arguments. MNEME_OP("aten::cdist")(a, b, 2.0) calls one.
#pragma once

#include <array>
#include <concepts>
#include <string>
#include <type_traits>
#include <vector>

#include <mneme/tensor_class.hpp>

namespace mneme {

// A number beside a tensor; whole numbers stay whole.
struct Scalar {
    template <class T>
    requires std::is_arithmetic_v<T> Scalar(T x)
        : whole(std::integral<T>), i(static_cast<int64_t>(x)), r(static_cast<double>(x)) {}
    bool whole;
    int64_t i;
    double r;
};

// One argument of an operator. Borrows what it is made from.
struct Value : mneme_value {
    Value(const Tensor& t) { set(t.defined() ? MNEME_TENSOR : MNEME_NONE).tensor = t.handle(); }
    Value(const Scalar& s) {
        if (s.whole) set(MNEME_INT).i = s.i;
        else set(MNEME_REAL).r = s.r;
    }
    Value(bool b) { set(MNEME_BOOL).i = b; }
    template <std::integral T> Value(T x) { set(MNEME_INT).i = static_cast<int64_t>(x); }
    template <std::floating_point T> Value(T x) { set(MNEME_REAL).r = x; }
    Value(DType d) { set(MNEME_DTYPE).i = static_cast<int64_t>(d); }
    Value(std::nullptr_t) { set(MNEME_NONE).i = 0; }
    Value(const std::vector<int64_t>& list) { set(MNEME_INTS, list.size()).ints = list.data(); }
    Value(const std::vector<mneme_tensor*>& list) {
        set(MNEME_TENSORS, list.size()).tensors = const_cast<mneme_tensor**>(list.data());
    }
    Value(const char* text) {
        set(MNEME_STRING, std::char_traits<char>::length(text)).string = text;
    }

  private:
    auto set(int32_t k, std::size_t n = 0) -> decltype(v)& {
        kind = k;
        count = static_cast<int32_t>(n);
        return v;
    }
};

// An operator of the host, found once.
class Op {
  public:
    explicit Op(const char* schema) {
        mneme_status status{sizeof status, 0, {}};
        op_ = border::tables.tensor->find(schema, &status);
        if (!op_) throw Error(status.message, status.code);
    }
    template <class... A> Tensor operator()(const A&... arguments) const {
        mneme_value out{};
        call(&out, 1, arguments...);
        return Tensor(out.v.tensor);
    }
    // For operators that work in place: the result is the first argument again, so nothing is asked
    // for.
    template <class... A> void update(const A&... arguments) const {
        call(nullptr, 0, arguments...);
    }
    template <std::size_t N, class... A>
    std::array<Tensor, N> several(const A&... arguments) const {
        std::array<mneme_value, N> out{};
        call(out.data(), int32_t{N}, arguments...);
        std::array<Tensor, N> result;
        for (std::size_t k = 0; k < N; ++k) result[k] = Tensor(out[k].v.tensor);
        return result;
    }

  private:
    template <class... A>
    void call(mneme_value* out, int32_t results, const A&... arguments) const {
        const mneme_value in[] = {Value(arguments)...};
        mneme_status status;
        status.size = sizeof status;
        status.message[0] = 0;
        if (border::tables.tensor->call(op_, in, sizeof...(A), out, results, &status) != 0)
            throw Error(status.message, status.code);
    }
    const mneme_op* op_;
};

// The name goes into the section `mneme_operators` wherever the code that calls it is kept, so that
// the host knows what a plugin needs before it runs a line of it.
#define MNEME_OP(schema)                                                                    \
    ([]() -> const ::mneme::Op& {                                                           \
        __asm__ volatile(".pushsection mneme_operators,\"a\",@progbits\n\t.asciz \"" schema \
                         "\"\n\t.popsection");                                              \
        static const ::mneme::Op op(schema);                                                \
        return op;                                                                          \
    }())

} // namespace mneme
