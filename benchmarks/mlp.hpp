// SPDX-License-Identifier: Apache-2.0
// Linear layers with ReLU between them; dropout after a ReLU. Its gradient is written down by hand,
// straight into the rows of the result: no recording, no concatenation. By LibTorch's
// operators on the CPU replicas are done one after the other on matrices that lie as they would if
// the replica were alone, so its bits do not depend on its neighbours; on a device, and by kernels,
// all at once.
#pragma once

#include <benchmarks/layer_plan.hpp>
#include <benchmarks/network.hpp>

namespace mneme::bench {

class Mlp final : public Network {
  public:
    // Whether the layers are those of this class: linear ones over a vector, all but the head with
    // ReLU, and perhaps dropout, behind them.
    static bool computes(const NetworkPlan&);
    Mlp(const NetworkSpec&, const std::vector<int64_t>& input_shape, int64_t classes,
        const NetworkPlan&); // which it computes

    at::Tensor logits(const Weights&, const at::Tensor& x, Mode, const Dropout&) const override;
    at::Tensor features(const Weights&, const at::Tensor& x, Mode, const Dropout&) const override;
    at::Tensor gradient(const Weights&, const at::Tensor& x, Mode, const Dropout&,
                        const Cotangent&) const override;
    at::Tensor per_sample(const Weights&, const at::Tensor& x, const Cotangents&,
                          bool absolute) const override;
    std::vector<at::Tensor> layer_inputs(const Weights&, const at::Tensor& x, Mode,
                                         const Dropout&) const override;
    void use(const LinearKernels& kernels) override { kernels_ = &kernels; }

  private:
    struct Linear {
        int64_t weight, bias; // offsets in a row; bias -1: none
        int64_t in, out;
        bool frozen;
        int64_t place; // of the dropout behind its ReLU; -1: none
    };
    struct Trace {                      // of one replica, or of all at once
        std::vector<at::Tensor> inputs; // of each linear layer
        at::Tensor output;
    };
    using Tensors = std::vector<at::Tensor>;

    // Of each linear layer; not defined where nothing is dropped behind it.
    Tensors masks(int64_t replicas, const at::Tensor& x, Mode, const Dropout&) const;
    static at::Tensor mask_of(const Tensors& masks, std::size_t layer, int64_t replica);
    // The first `depth` linear layers and what follows each of them.
    at::Tensor values(const Weights&, const at::Tensor& x, Mode, const Dropout&,
                      std::size_t depth) const;
    at::Tensor recorded(const at::Tensor& theta, const at::Tensor& x, const Tensors& masks,
                        std::size_t depth) const;
    at::Tensor recorded(const Tensors& pieces, at::Tensor a, const Tensors& masks,
                        std::size_t depth) const;
    Trace forward(const at::Tensor& theta, const at::Tensor& x, const Tensors& masks,
                  int64_t replica, std::size_t depth) const;
    std::vector<Trace> forward(const at::Tensor& theta, const at::Tensor& x,
                               const Tensors& masks) const; // all layers
    static at::Tensor logits_of(const std::vector<Trace>&);
    void backward(const at::Tensor& theta, const Trace&, const Tensors& masks, int64_t replica,
                  at::Tensor d, at::Tensor& out) const;
    void per_sample(const at::Tensor& theta, const Trace&, int64_t replica, Tensors directions,
                    bool absolute, at::Tensor& out) const;
    void into(at::Tensor& out, const at::Tensor& theta, const at::Tensor& a, int64_t replica,
              std::size_t layer, const at::Tensor& d) const;
    at::Tensor below(const at::Tensor& theta, const Trace&, int64_t replica, std::size_t layer,
                     const at::Tensor& d, const at::Tensor& mask) const;
    // By kernels that it was told to use, for all replicas at once: what a linear layer gives, with
    // ReLU and mask where another follows; its gradients, into rows like theta's; and the cotangent
    // of what entered.
    bool by_kernels(const at::Tensor& theta, int64_t rows) const;
    std::vector<int64_t> parts(const at::Tensor& theta, const at::Tensor& x) const;
    at::Tensor layer_forward(const at::Tensor& theta, const at::Tensor& a, std::size_t layer,
                             const at::Tensor& mask) const;
    void layer_gradient(const at::Tensor& theta, const at::Tensor& a, std::size_t layer,
                        const at::Tensor& d, at::Tensor& out) const;
    at::Tensor layer_below(const at::Tensor& theta, const at::Tensor& a, std::size_t layer,
                           const at::Tensor& d, const at::Tensor& mask) const;
    at::Tensor result_like(const at::Tensor& theta) const; // padding and frozen layers are 0, the
                                                           // rest is not set

    std::vector<Linear> linears_;
    const LinearKernels* kernels_ = nullptr;
    std::vector<int64_t> cuts_;
    std::size_t lowest_ = 0; // the first layer that is not frozen: no gradient is wanted below it
};

} // namespace mneme::bench
