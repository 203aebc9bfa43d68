// SPDX-License-Identifier: Apache-2.0
// A network that is a list of layers. Replicas pass one after the other on every device, so that a
// replica's bits are those of its seed alone. Gradients are recorded; those of single examples take
// one pass back to each layer's outputs and are then formed layer by layer.
#pragma once

#include <benchmarks/layer_plan.hpp>
#include <benchmarks/network.hpp>

#include "forward_pass.hpp"

namespace mneme::bench {

class LayerList final : public Network {
  public:
    LayerList(const NetworkSpec&, const std::vector<int64_t>& input_shape, int64_t classes,
              NetworkPlan);

    at::Tensor logits(const Weights&, const at::Tensor& x, Mode, const Dropout&) const override;
    at::Tensor features(const Weights&, const at::Tensor& x, Mode, const Dropout&) const override;
    at::Tensor per_sample(const Weights&, const at::Tensor& x, const Cotangents&,
                          bool absolute) const override;
    std::vector<at::Tensor> layer_inputs(const Weights&, const at::Tensor& x, Mode,
                                         const Dropout&) const override;

  private:
    // What a layer with weights was given and gave. Of a norm `in` is what is scaled; of patches
    // there is a record for the products, the token and the positions each.
    struct Record {
        enum class Of { conv, linear, scale, token, positions } of;
        const PlannedLayer* layer;
        int64_t weight, bias; // indices of layers()
        at::Tensor in, out;
    };
    struct Inputs {
        at::Tensor theta, x, counts;
        std::vector<at::Tensor> rows, masks; // rows: of theta, one a replica
    };
    struct Pass {                       // of one replica
        std::vector<at::Tensor> pieces; // of each tensor
        ForwardPass shared;             // for batch normalisation and dropout
        std::vector<Record>* records = nullptr;
        bool with_outputs = false; // of records
    };

    static ForwardPass::Statistics statistics(Mode);
    Inputs inputs(const Weights&, const at::Tensor& x, Mode, const Dropout&) const;
    Pass pass(const Inputs&, const at::Tensor& stats, int64_t replica,
              ForwardPass::Statistics) const;
    at::Tensor example(const Inputs&, int64_t replica) const; // [B, ...] of the input shape
    at::Tensor values(const Weights&, const at::Tensor& x, Mode, const Dropout&,
                      bool to_logits) const;
    at::Tensor through(Pass&, const std::vector<PlannedLayer>&, at::Tensor a,
                       std::size_t count) const;
    at::Tensor layer(Pass&, const PlannedLayer&, const at::Tensor& a) const;
    at::Tensor conv(Pass&, const PlannedLayer&, const at::Tensor& a) const;
    at::Tensor linear(Pass&, const PlannedLayer&, const at::Tensor& a, int64_t weight,
                      int64_t bias) const;
    at::Tensor norm(Pass&, const PlannedLayer&, const at::Tensor& a) const;
    at::Tensor patches(Pass&, const PlannedLayer&, const at::Tensor& a) const;
    at::Tensor attention(Pass&, const PlannedLayer&, const at::Tensor& a) const;
    at::Tensor noted(Pass&, Record) const;               // its output
    at::Tensor piece(const Pass&, int64_t tensor) const; // in its shape; undefined for -1
    void add_examples(const Record&, const at::Tensor& d, bool absolute, at::Tensor& row) const;

    NetworkPlan plan_;
};

} // namespace mneme::bench
