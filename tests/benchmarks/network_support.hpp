// SPDX-License-Identifier: Apache-2.0
// What the tests of networks share.
#pragma once

#include "torch_catch.hpp"

#include "support.hpp"

#include <benchmarks/network.hpp>
#include <benchmarks/random.hpp>

namespace bench_test {

inline NetworkSpec hidden(std::vector<int64_t> widths, bool bias = true, const std::string& init = "default") {
    return {"mlp", widths, bias, init};
}

inline Weights weights(const Network& net, int64_t replicas, at::ScalarType type = at::kDouble) {
    std::vector<at::Tensor> rows;
    for (int64_t s = 1; s <= replicas; ++s) rows.push_back(net.initial(s));
    return {at::stack(rows).to(type), at::zeros({replicas, 0})};
}

// Numbers of our own, so that a test does not depend on LibTorch's generator.
inline at::Tensor numbers(std::vector<int64_t> shape, uint32_t which, at::ScalarType type = at::kDouble) {
    auto out = at::empty(shape, at::kFloat);
    normal(out.numel(), {which, 77}, {0, 0, 0}, out.data_ptr<float>());
    return out.to(type);
}

inline double distance(const at::Tensor& a, const at::Tensor& b) { // relative
    return ((a - b).abs().max() / b.abs().max().clamp_min(1e-300)).item<double>();
}

inline Dropout halves(uint32_t which) { // 0 or 2, by chance
    return [which](int64_t layer, at::IntArrayRef shape) {
        return numbers(shape.vec(), which + uint32_t(layer)).gt(0).to(at::kDouble).mul(2);
    };
}

// The MLP's values through the base class's ways: recording, and one example a replica.
class ByRecording final : public Network {
  public:
    explicit ByRecording(const Network& net) : net_(net) {
        layers_ = net.layers();
        columns_ = net.columns();
        classes_ = net.classes();
    }
    at::Tensor logits(const Weights& w, const at::Tensor& x, Mode m, const Dropout& d) const override { return net_.logits(w, x, m, d); }
    at::Tensor features(const Weights& w, const at::Tensor& x, Mode m, const Dropout& d) const override {
        return net_.features(w, x, m, d);
    }

  private:
    const Network& net_;
};

} // namespace bench_test
