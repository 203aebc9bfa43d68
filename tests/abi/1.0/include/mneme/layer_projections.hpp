// SPDX-License-Identifier: Apache-2.0
// A projection for each layer with weights, which gradients pass before a step:
//   dL/dW <- (dL/dW) Q,   Q [fan_in, fan_in], at first the identity
// so that W x stays what it is for inputs x with Q x = 0. The head has none in scenario task, where
// each task has rows of its own. Entries that are not weights of such a layer may move in the first
// task alone.
#pragma once

#include <algorithm>
#include <vector>

#include <mneme/layer_inputs.hpp>
#include <mneme/replicas.hpp>
#include <mneme/setup.hpp>

namespace mneme {

class LayerProjections final {
  public:
    explicit LayerProjections(Setup& s) {
        const auto& heads = s.net.head_layers();
        const auto of_head = [&](const Layer& l) {
            return std::any_of(heads.begin(), heads.end(),
                               [&](const Layer& h) { return h.offset == l.offset; });
        };
        const bool free_head = s.run.scenario == Scenario::task;
        moves_ = s.net.per_column([&](const Layer& l) {
            return l.kind == LayerKind::weight || (free_head && of_head(l)) ? 1 : 0;
        }) > 0;
        for (const auto& l : s.net.layers()) {
            if (l.kind != LayerKind::weight) continue;
            layers_.push_back(l);
            projected_.push_back(!(free_head && of_head(l)));
            const auto unit = identity(projected_.back() ? l.fan_in : 0);
            Q.push_back(unit.unsqueeze(0).repeat({s.replicas, 1, 1}));
        }
    }

    // Of a gradient [S, P], in place.
    void apply(Tensor& g) const {
        for (std::size_t k = 0; k < layers_.size(); ++k) {
            if (!projected_[k]) continue;
            const auto& l = layers_[k];
            auto part = g.narrow(1, l.offset, l.numel);
            const auto rows = part.reshape({g.size(0), l.numel / l.fan_in, l.fan_in});
            part.copy_(each_matmul(rows, Q[k]).reshape({g.size(0), l.numel}));
        }
    }
    const Tensor& moves() const { return moves_; } // [1, P] bool, after the first task
    // f(Q, inputs [S, rows, fan_in]) for each layer that has a Q.
    template <class F> void update(const Net& net, const Weights& w, const Tensor& x, F&& f) {
        const auto inputs = layer_inputs(net, w, x);
        for (std::size_t k = 0; k < layers_.size(); ++k)
            if (projected_[k]) f(Q[k], inputs[k]);
    }

    void state(State& s) { s("Q", Q); }

  private:
    std::vector<Tensor> Q; // of each layer with weights, [S, fan_in, fan_in]
    std::vector<Layer> layers_;
    std::vector<bool> projected_;
    Tensor moves_;
};

} // namespace mneme
