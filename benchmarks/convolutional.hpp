// SPDX-License-Identifier: Apache-2.0
// Networks of convolutions: a body written over a ForwardPass, then linear layers to the logits.
// Gradients are recorded; those of single examples take one pass back to each layer's outputs and
// are then formed layer by layer.
#pragma once

#include <benchmarks/network.hpp>

#include "forward_pass.hpp"

namespace mneme::bench {

class Convolutional : public Network {
  public:
    at::Tensor logits(const Weights&, const at::Tensor& x, Mode, const Dropout&) const override;
    at::Tensor features(const Weights&, const at::Tensor& x, Mode, const Dropout&) const override;
    // With norm "batch_stats" examples are normalised by the statistics of all of x, held constant.
    at::Tensor per_sample(const Weights&, const at::Tensor& x, const Cotangents&,
                          bool absolute) const override;
    std::vector<at::Tensor> layer_inputs(const Weights&, const at::Tensor& x, Mode,
                                         const Dropout&) const override;
    bool has_convolutions() const override { return true; }

  protected:
    struct Image {
        int64_t channels, rows, columns;
    };

    Convolutional(const NetworkSpec&, const std::vector<int64_t>& input_shape, Image,
                  int64_t classes);

    virtual at::Tensor body(ForwardPass&, const at::Tensor& x)
        const = 0; // [B, R * features] of [B, R * channels, rows, columns]
    virtual at::Tensor head(ForwardPass&, const at::Tensor& features) const = 0;

    // They add layers. A group is the index of a hidden dimension, -1: none.
    int64_t group(int64_t size);
    Conv conv(const std::string& name, int64_t from, int64_t to, Conv shape, bool bias);
    Dense dense(const std::string& name, int64_t from, int64_t to, int64_t in, int64_t out,
                bool bias);
    Norm norm(const std::string& name, int64_t of, int64_t channels, bool affine);
    int64_t dropout(int64_t width, double own_rate); // its place

    NetworkSpec spec_;
    Image image_;

  private:
    struct Inputs {
        at::Tensor theta, x, counts;
        std::vector<at::Tensor> rows, masks; // rows: of theta, where replicas loop
    };
    bool loops(const at::Tensor& theta) const {
        return way_ == Replicas::by_device ? theta.is_cpu() : way_ == Replicas::looped;
    }
    Inputs inputs(const Weights&, const at::Tensor& x, Mode, const Dropout&) const;
    ForwardPass pass(const Inputs&, const at::Tensor& stats, int64_t replica,
                     ForwardPass::Statistics, std::vector<ForwardPass::LayerRecord>* seen = nullptr,
                     std::vector<ForwardPass::LayerRecord>* entered = nullptr) const;
    at::Tensor images(const at::Tensor& x, int64_t replica) const;
    ForwardPass::Statistics statistics(Mode) const;
    at::Tensor values(const Weights&, const at::Tensor& x, Mode, const Dropout&,
                      bool to_logits) const;
    void add_examples(const std::vector<ForwardPass::LayerRecord>&, const at::Tensor& logits,
                      const std::vector<at::Tensor>& directions, bool absolute,
                      const at::Tensor& row) const;
    struct Own; // what a layer's own gradients of some examples are made of
    void add_positions(const Own&, const at::Tensor& d, bool absolute, const at::Tensor& out) const;
    void add_products(const Own&, bool absolute, const at::Tensor& out) const;

    std::vector<int64_t> widths_; // of the dropout places
    int64_t batch_columns_ = 0;   // a row of stats, were it kept
};

std::unique_ptr<Network> zenke_cnn(const NetworkSpec&, const std::vector<int64_t>& input_shape,
                                   int64_t classes);
std::unique_ptr<Network> resnet18(const NetworkSpec&, const std::vector<int64_t>& input_shape,
                                  int64_t classes);
std::unique_ptr<Network> text_cnn(const NetworkSpec&, const std::vector<int64_t>& input_shape,
                                  int64_t classes);

} // namespace mneme::bench
