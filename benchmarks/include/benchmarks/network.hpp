// SPDX-License-Identifier: Apache-2.0
// Networks as pure functions of a matrix of weights: theta [S, P], one row a replica. stats [S, Q]
// are what the forward pass updates by itself (no columns where a network has none).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <benchmarks/layer.hpp>
#include <benchmarks/linear.hpp>
#include <benchmarks/spec.hpp>

namespace mneme::bench {

struct GivenWeights;

enum class Mode { train, eval, batch_stats };
struct Weights {
    at::Tensor theta, stats;
    at::Tensor weight = {}; // [S, B]: rows of weight 0 are left out of batch statistics; undefined:
                            // every row counts
};

// The multiplier of a dropout layer: [S, B, width], 0 or 1/(1-p). An empty function means no
// dropout. `layer` counts from 0.
using Dropout = std::function<at::Tensor(int64_t layer, at::IntArrayRef shape)>;

// d loss / d logits for given logits, both [S, B, C].
using Cotangent = std::function<at::Tensor(const at::Tensor& logits)>;
// Several of them: per_sample adds up what each gives.
using Cotangents = std::function<std::vector<at::Tensor>(const at::Tensor& logits)>;

// How the replicas of convolutions pass: as groups of one convolution, or one after the other. By
// device: looped on the CPU, where a replica's bits are then those of its seed alone, grouped
// elsewhere.
enum class Replicas { by_device, grouped, looped };

class Network {
  public:
    virtual ~Network();

    const std::vector<Layer>& layers() const { return layers_; }
    const std::vector<int64_t>& groups() const {
        return groups_;
    }                           // size of each permutable hidden dimension
    int64_t parameters() const; // real entries
    int64_t columns() const { return columns_; }
    int64_t stats_columns() const { return stats_columns_; }
    const std::vector<Layer>& stats_layers() const {
        return stats_layers_;
    } // running means (shift) and variances (scale)
    // The network's own dropout, of each place `layer` that Dropout is asked for. Past the end: 0.
    const std::vector<double>& dropout_rates() const { return rates_; }
    int64_t classes() const { return classes_; }
    int64_t inputs() const { return inputs_; } // numbers of an example
    const std::vector<int64_t>& input_shape() const {
        return input_shape_;
    } // as make_network has it
    virtual bool has_convolutions() const { return false; }
    virtual void use(const LinearKernels&) {
    } // in place of LibTorch's operators; they outlive the network
    virtual void pass_replicas(Replicas way) { way_ = way; }
    // Moves what it holds besides the weights that it is given; before the first pass.
    virtual void move_to(at::Device) {}

    // Of a network with frozen layers: the one that has their tensors among its layers, and weights
    // for it, made of those of this one, and back. Every other network is whole itself.
    virtual const Network& whole() const { return *this; }
    virtual Weights to_whole(const Weights& w) const { return w; }
    virtual Weights from_whole(const Weights& w) const { return w; }
    // In place of first values; and whether a layer has given ones.
    void start_from(GivenWeights);
    bool is_given(std::size_t layer) const;

    // x: float32 [S, B, D], flat, or [B, D] for all replicas. Differentiable in theta and x while
    // gradients are recorded. Mode::train updates stats in place.
    virtual at::Tensor logits(const Weights&, const at::Tensor& x, Mode,
                              const Dropout&) const = 0; // [S, B, C]
    virtual at::Tensor features(const Weights&, const at::Tensor& x, Mode,
                                const Dropout&) const = 0; // [S, B, F]

    // What enters each layer of kind weight, in the order of layers(): [S, rows, fan_in], a row for
    // each example, of a convolution for each example and place, unfolded. Nothing is recorded.
    virtual std::vector<at::Tensor> layer_inputs(const Weights&, const at::Tensor& x, Mode,
                                                 const Dropout&) const = 0;

    // The vector-Jacobian product with the cotangent of the logits: [S, P], no gradient recording
    // needed.
    virtual at::Tensor gradient(const Weights&, const at::Tensor& x, Mode, const Dropout&,
                                const Cotangent&) const;

    // sum over examples n and cotangents k of square (or absolute value) of example n's own
    // gradient: [S, P], eval mode, no dropout.
    virtual at::Tensor per_sample(const Weights&, const at::Tensor& x, const Cotangents&,
                                  bool absolute) const;

    // The first weights of a replica: float32 [columns], from the purpose `init`: call is the
    // layer, element the place among the real entries of all layers. Padding 0. Glorot: U(-sqrt(6 /
    // (fan_in + fan_out)), ...) for weights, 0 for biases. Scales 1, shifts 0.
    // Tensors that the network starts from a file with have its values.
    virtual at::Tensor initial(int64_t seed) const;
    virtual at::Tensor initial_stats() const; // [stats_columns]: mean 0, variance 1

  protected:
    Network();
    void begin(const NetworkSpec&, const std::vector<int64_t>& input_shape, int64_t classes);
    // Lays `shape` out behind what is there, aligned; returns its index.
    std::size_t add(Layer);
    std::size_t add_stats(Layer); // the same in a row of stats
    // Sizes of layers and of the padding behind them, in order: what split_with_sizes takes.
    std::vector<int64_t> cuts() const;
    at::Tensor checked(const Weights&, const at::Tensor& x)
        const; // x in theta's type; throws where it does not fit

    std::vector<Layer> layers_, stats_layers_;
    std::vector<int64_t> groups_, input_shape_;
    std::vector<double> rates_;
    int64_t columns_ = 0, stats_columns_ = 0, inputs_ = 0, classes_ = 0;
    std::string init_ = InitKind::standard;
    std::vector<std::string> frozen_; // patterns, as [network] has them
    std::unique_ptr<GivenWeights> given_;
    Replicas way_ = Replicas::by_device;
};

// input_shape: {numbers}, or {channels, rows, columns} of an image, or {length, numbers} of a text.
// Throws std::runtime_error for an unknown kind or a shape that does not fit.
std::unique_ptr<Network> make_network(const NetworkSpec&, const std::vector<int64_t>& input_shape,
                                      int64_t classes);

} // namespace mneme::bench
