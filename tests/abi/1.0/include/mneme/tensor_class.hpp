// SPDX-License-Identifier: Apache-2.0
// The class of tensor.hpp, which is what to include.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <mneme/host.hpp>

namespace mneme {

enum class DType {
    float32 = MNEME_FLOAT32,
    float64 = MNEME_FLOAT64,
    int64 = MNEME_INT64,
    boolean = MNEME_BOOL8,
    uint8 = MNEME_UINT8,
    int32 = MNEME_INT32
};
inline constexpr bool keepdim = true; // x.sum(1, keepdim)

// A handle: cheap to copy, copies share the values. Default-constructed it is undefined.
class Tensor {
  public:
    Tensor() = default;
    explicit Tensor(mneme_tensor* owned) : handle_(owned) {}
    Tensor(const Tensor& other) : handle_(other.handle_) {
        if (handle_) border::tables.tensor->retain(handle_);
    }
    Tensor(Tensor&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Tensor& operator=(Tensor other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Tensor() {
        if (handle_) border::tables.tensor->release(handle_);
    }
    static Tensor borrow(mneme_tensor* handle) {
        if (handle) border::tables.tensor->retain(handle);
        return Tensor(handle);
    }
    // A tensor on the learner's device from values in row-major order.
    static Tensor of(const std::vector<float>& values, const std::vector<int64_t>& shape);
    static Tensor of(const std::vector<int64_t>& values, const std::vector<int64_t>& shape);

    bool defined() const { return handle_ != nullptr; }
    mneme_tensor* handle() const { return handle_; }
    mneme_tensor* release() { return std::exchange(handle_, nullptr); }
    std::vector<int64_t> shape() const;
    int64_t dim() const { return border::tables.tensor->shape(handle_, nullptr, 0); }
    int64_t size(int64_t d) const; // d < 0 counts from the end
    int64_t numel() const;
    DType dtype() const { return DType(border::tables.tensor->dtype(handle_)); }
    // Copies to the host: waits for the device, not allowed in a captured step.
    std::vector<double> to_vector() const;
    double item() const; // of one element

#define MNEME_UNARY(name) Tensor name() const;
#define MNEME_UPDATE0(name) Tensor& name();
#define MNEME_BINARY(name, symbol)
#define MNEME_COMPARE(name, symbol)
#define MNEME_WRAPPED(schema)
#include <mneme/operators.def>

    Tensor& add_(const Tensor& other, double alpha = 1);
    Tensor& addcmul_(const Tensor& a, const Tensor& b, double value = 1); // + value * a * b
    Tensor& copy_(const Tensor& source);
    Tensor& fill_(double value);
    Tensor& lerp_(const Tensor& end, double weight);
    Tensor lerp(const Tensor& end, double weight) const;
    Tensor lerp(const Tensor& end, const Tensor& weight) const;
    Tensor clamp_min(double min) const;
    Tensor clamp(double min, double max) const;
    Tensor pow(double exponent) const;
    Tensor remainder(int64_t divisor) const;
    Tensor masked_fill(const Tensor& mask, double value) const;

    Tensor sum() const;
    Tensor sum(int64_t d, bool keep = false) const;
    Tensor mean(int64_t d, bool keep = false) const;
    Tensor amax(int64_t d, bool keep = false) const;
    Tensor amin(int64_t d, bool keep = false) const;
    Tensor any(int64_t d, bool keep = false) const;
    Tensor argmax(int64_t d, bool keep = false) const;
    Tensor cumsum(int64_t d) const;
    std::array<Tensor, 2> topk(int64_t k, int64_t d = -1) const; // values, positions; largest first
    std::array<Tensor, 2> sort(int64_t d = -1, bool descending = false) const; // stable
    Tensor softmax(int64_t d) const;
    Tensor log_softmax(int64_t d) const;

    Tensor gather(int64_t d, const Tensor& index) const;
    Tensor& scatter_(int64_t d, const Tensor& index, const Tensor& source);
    Tensor index_select(int64_t d, const Tensor& index) const;
    Tensor triu(int64_t diagonal = 0) const;
    Tensor reshape(const std::vector<int64_t>& shape) const;
    Tensor expand(const std::vector<int64_t>& shape) const;
    Tensor repeat(const std::vector<int64_t>& times) const;
    Tensor unsqueeze(int64_t d) const;
    Tensor squeeze(int64_t d) const;
    Tensor transpose(int64_t a, int64_t b) const;
    Tensor narrow(int64_t d, int64_t start, int64_t length) const;
    Tensor select(int64_t d, int64_t index) const;
    Tensor matmul(const Tensor& other) const;
    Tensor to(DType) const;
    Tensor new_zeros(const std::vector<int64_t>& shape) const;
    Tensor new_full(const std::vector<int64_t>& shape, double value) const;

  private:
    mneme_tensor* handle_ = nullptr;
};

} // namespace mneme
