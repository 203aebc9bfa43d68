// SPDX-License-Identifier: Apache-2.0
// Counter-based random numbers (Philox4x32-10). A draw is fixed by seed, purpose, task, phase, step
// and call: the same bits on CPU and GPU, at any S, after any resume, whatever other methods draw.
// Legal inside a captured step. A plugin draws from nothing else.
#pragma once

#include <vector>

#include <mneme/tensor.hpp>

namespace mneme {

// A source for one purpose; a second one with the same purpose in one learner is refused. Cheap to
// copy.
class Random final {
  public:
    explicit Random(mneme_source* source) : source_(source) {}

    Tensor uniform(const std::vector<int64_t>& shape) const {
        return get(border::tables.random->uniform, shape.data(), dims(shape));
    } // [S, ...] in [0, 1)
    Tensor normal(const std::vector<int64_t>& shape) const {
        return get(border::tables.random->normal, shape.data(), dims(shape));
    } // [S, ...]
    // [S, ...] int64 in [0, high), high < 2^32
    Tensor randint(int64_t high, const std::vector<int64_t>& shape) const {
        return get(border::tables.random->integers, high, shape.data(), dims(shape));
    }
    Tensor permutation(int64_t n) const {
        return get(border::tables.random->permutation, n);
    }                                             // [S, n] int64
    mneme_source* raw() const { return source_; } // for the SDK's other headers

  private:
    static int32_t dims(const std::vector<int64_t>& shape) {
        return static_cast<int32_t>(shape.size());
    }
    template <class F, class... A> Tensor get(F function, A... arguments) const {
        mneme_tensor* out = nullptr;
        border::call(function, source_, arguments..., &out);
        return Tensor(out);
    }
    mneme_source* source_;
};

} // namespace mneme
