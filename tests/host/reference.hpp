// SPDX-License-Identifier: Apache-2.0
// The network written out once more, as a few operators recorded by LibTorch, one example at a
// time, in double.
#pragma once

#include "session_fixture.hpp"

namespace mneme::test {

class Recording final {
  public:
    Recording() : before_(border::tables.autograd->record(1)) {}
    ~Recording() { border::tables.autograd->record(before_); }
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

  private:
    const int32_t before_;
};

// Logits [rows, classes] of inputs [rows, features] at one row of weights [P].
inline Tensor forward(const Net& net, const Tensor& theta, const Tensor& x) {
    auto a = x;
    const auto& layers = net.layers();
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const auto piece = theta.narrow(0, layers[l].offset, layers[l].numel);
        if (layers[l].kind == LayerKind::bias) {
            a = a + piece;
        } else {
            if (l > 0) a = a.relu();
            a = a.matmul(piece.reshape(layers[l].shape).transpose(0, 1));
        }
    }
    return a;
}

// d f(theta) / d theta for a number f.
template <class F> std::vector<double> derivative(const Tensor& theta, F&& f) {
    const Recording on;
    mneme_tensor* handle = nullptr;
    border::call(border::tables.autograd->leaf, theta.handle(), &handle);
    const Tensor leaf(handle), value = f(leaf);
    mneme_tensor *output = value.handle(), *input = leaf.handle(), *result = nullptr;
    border::call(border::tables.autograd->gradients, static_cast<mneme_tensor* const*>(&output),
                 static_cast<mneme_tensor* const*>(nullptr), 1,
                 static_cast<mneme_tensor* const*>(&input), 1, &result);
    return Tensor(result).to_vector();
}

inline void add(std::vector<double>& sum, const std::vector<double>& values, double factor) {
    sum.resize(values.size());
    for (std::size_t k = 0; k < values.size(); ++k) sum[k] += factor * values[k];
}

inline std::vector<double> sized(std::vector<double> g, Reduce reduce) {
    for (double& v : g) v = reduce == Reduce::abs ? std::abs(v) : v * v;
    return g;
}

// A batch taken apart: what one example says, under the head rule that the test states itself.
struct Example {
    Tensor x; // [1, features] double
    int64_t label;
    std::vector<int64_t> counting; // the logits that count

    Tensor logits(const Net& net, const Tensor& theta) const { // those that count, [n]
        return forward(net, theta, x)
            .select(0, 0)
            .index_select(0, Tensor::of(counting, {static_cast<int64_t>(counting.size())}));
    }
    Tensor loss(const Net& net, const Tensor& theta, int64_t of) const {
        const auto place = std::find(counting.begin(), counting.end(), of) - counting.begin();
        return -logits(net, theta).log_softmax(0).select(0, static_cast<int64_t>(place));
    }
};

} // namespace mneme::test
