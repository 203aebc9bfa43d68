// SPDX-License-Identifier: Apache-2.0
// What the tests of networks share.
#pragma once

#include "torch_catch.hpp"

#include "support.hpp"

#include <benchmarks/network.hpp>
#include <benchmarks/random.hpp>

namespace bench_test {

inline NetworkSpec hidden(std::vector<int64_t> widths, bool bias = true,
                          const std::string& init = "default") {
    NetworkSpec spec;
    spec.hidden = std::move(widths), spec.bias = bias, spec.init = init;
    return spec;
}

inline Weights weights(const Network& net, int64_t replicas, at::ScalarType type = at::kDouble) {
    std::vector<at::Tensor> rows;
    for (int64_t s = 1; s <= replicas; ++s) rows.push_back(net.initial(s));
    return {at::stack(rows).to(type),
            net.initial_stats().to(type).expand({replicas, -1}).contiguous()};
}

inline NetworkSpec of_kind(const std::string& kind, const std::string& norm = "batch",
                           int64_t nf = 4) {
    NetworkSpec spec;
    spec.kind = kind, spec.norm = norm, spec.nf = nf, spec.filters = 6;
    return spec;
}

// Numbers of our own, so that a test does not depend on LibTorch's generator.
inline at::Tensor numbers(std::vector<int64_t> shape, uint32_t which,
                          at::ScalarType type = at::kDouble) {
    auto out = at::empty(shape, at::kFloat);
    normal(out.numel(), {which, 77}, {0, 0, 0}, out.data_ptr<float>());
    return out.to(type);
}

// Numbers that belong to a seed, wherever it stands.
inline at::Tensor draw(const std::vector<int64_t>& seeds, std::vector<int64_t> shape, uint32_t call,
                       uint32_t step) {
    std::vector<at::Tensor> each;
    for (int64_t seed : seeds) {
        auto one = at::empty(shape, at::kFloat);
        uniform(one.numel(), {uint32_t(seed), 5}, {call, step, 0}, one.data_ptr<float>());
        each.push_back(one);
    }
    return at::stack(each);
}

// Weights of which none is at its first value: scales and shifts, running means and variances too.
inline Weights stirred(const Network& net, int64_t replicas) {
    auto w = weights(net, replicas);
    for (const auto& l : net.layers())
        if (l.kind == LayerKind::scale || l.kind == LayerKind::shift)
            w.theta.narrow(1, l.offset, l.numel)
                .add_(numbers({replicas, l.numel}, uint32_t(l.offset)) * 0.3);
    for (const auto& l : net.stats_layers())
        w.stats.narrow(1, l.offset, l.numel)
            .add_(numbers({replicas, l.numel}, uint32_t(l.offset + 1)).abs() * 0.2);
    return w;
}

inline double distance(const at::Tensor& a, const at::Tensor& b) { // relative
    return ((a - b).abs().max() / b.abs().max().clamp_min(1e-300)).item<double>();
}

inline Dropout halves(uint32_t which) { // 0 or 2, by chance
    return [which](int64_t layer, at::IntArrayRef shape) {
        return numbers(shape.vec(), which + uint32_t(layer)).gt(0).to(at::kDouble).mul(2);
    };
}

// A network's values through the base class's ways: recording, and one example a replica.
class ByRecording final : public Network {
  public:
    explicit ByRecording(const Network& net) : net_(net) {
        layers_ = net.layers();
        columns_ = net.columns();
        stats_columns_ = net.stats_columns();
        classes_ = net.classes();
    }
    at::Tensor logits(const Weights& w, const at::Tensor& x, Mode m,
                      const Dropout& d) const override {
        return net_.logits(w, x, m, d);
    }
    at::Tensor features(const Weights& w, const at::Tensor& x, Mode m,
                        const Dropout& d) const override {
        return net_.features(w, x, m, d);
    }
    std::vector<at::Tensor> layer_inputs(const Weights& w, const at::Tensor& x, Mode m,
                                         const Dropout& d) const override {
        return net_.layer_inputs(w, x, m, d);
    }

  private:
    const Network& net_;
};

} // namespace bench_test
