// SPDX-License-Identifier: Apache-2.0
// One forward pass of a convolutional network for R replicas at once. An activation is [B, R *
// channels, rows, columns] or [B, R * width]: a convolution has a group for each replica, and batch
// statistics are those of each replica's own channels. On the CPU, or where it is faster, R is 1
// and replicas pass one after the other: so a replica's bits are those of its seed alone.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "masked_norm.hpp"

namespace mneme::bench {

// The parts of a network. Weights are indices of layers, -1: none.
struct Conv {
    int64_t weight = -1, bias = -1, in = 0, out = 0, rows = 1, columns = 1, stride = 1, padding = 0;
};
struct Dense {
    int64_t weight = -1, bias = -1, in = 0, out = 0;
};
struct Norm {
    enum class Kind { none, batch, group };
    Kind kind = Kind::none;
    int64_t scale = -1, shift = -1, channels = 0;
    int64_t mean = -1, variance = -1; // offsets in a row of stats
    bool frozen = false;              // by running values always, which stay
};

constexpr int64_t norm_groups = 4;

class ForwardPass final {
  public:
    // Where batch normalisation takes mean and variance from. `collect` writes those of this batch
    // into stats as they are.
    enum class Statistics { running, batch, batch_and_update, collect };
    // What a layer with weights was given and gave, for gradients of single examples. With `slope`,
    // `out` is a number for each channel of a convolution, and slope its derivative by that
    // channel's outputs at each place.
    struct LayerRecord {
        const Conv* conv;
        const Dense* dense;
        const Norm* norm;
        at::Tensor in, out;
        at::Tensor slope = {};
    };
    using OfChannel = std::function<at::Tensor(const at::Tensor&)>; // [B, C, rows, columns] to [B,
                                                                    // C], each channel by itself
    struct Setting {
        int64_t replicas;
        std::vector<at::Tensor> pieces; // of each layer: [numel], or [R, numel]
        at::Tensor stats;               // [R, Q]
        Statistics statistics;
        std::vector<at::Tensor> masks; // of each dropout place, [B, R * width]; none: no dropout
        at::Tensor counts; // [R, B] bool: rows that enter batch statistics; undefined: all
        std::vector<LayerRecord>* seen; // null: not wanted
        std::vector<LayerRecord>*
            entered;        // the same without outputs, and nothing is recorded for it
        bool by_value;      // whether the counts may be looked at, which a device would have to be
                            // waited for
        bool channels_last; // images lie as [B, rows, columns, channels], which a CPU's
                            // convolutions and norms pass faster
    };

    explicit ForwardPass(Setting);

    int64_t replicas() const { return s_.replicas; }
    at::Tensor conv(const at::Tensor& a, const Conv&);
    at::Tensor conv(const at::Tensor& a, const Conv&,
                    const OfChannel&); // what becomes of each channel: [B, R * channels]
    // norm(conv(a)), as one convolution where the norm is fixed and nothing is recorded.
    at::Tensor conv_norm(const at::Tensor& a, const Conv&, const Norm&);
    at::Tensor dense(const at::Tensor& a, const Dense&);
    at::Tensor norm(const at::Tensor& a, const Norm&);
    at::Tensor relu(at::Tensor a) const; // may write over a, which must be a layer's own output
    at::Tensor drop(const at::Tensor& a, int64_t place) const;

  private:
    const at::Tensor& piece(int64_t layer) const { return s_.pieces[std::size_t(layer)]; }
    at::Tensor convolved(const at::Tensor& a, const Conv&) const;
    at::Tensor convolved(const at::Tensor& a, const Conv&, at::Tensor weight,
                         const at::Tensor& bias) const;
    bool can_fold(const at::Tensor& a, const Conv&, const Norm&) const;
    at::Tensor row(int64_t layer) const; // [R * numel]; undefined for -1
    at::Tensor normalised(const at::Tensor& a, const Norm&, const at::Tensor& scale,
                          const at::Tensor& shift);
    // By the batch's own statistics; running ones, where they are given, move on.
    at::Tensor by_batch(const at::Tensor& a, const at::Tensor& scale, const at::Tensor& shift,
                        const at::Tensor& running_mean, const at::Tensor& running_variance) const;
    at::Tensor by_counted_rows(const at::Tensor& a, const Norm&);
    at::Tensor by_rows_unseen(const at::Tensor& a, const Norm&, const at::Tensor& scale,
                              const at::Tensor& shift);
    at::Tensor seen(at::Tensor out, LayerRecord);
    void enter(const LayerRecord& what) const {
        if (s_.entered) s_.entered->push_back(what);
    }

    Setting s_;
    std::optional<MaskedNorm> counted_; // where it was asked for
};

} // namespace mneme::bench
