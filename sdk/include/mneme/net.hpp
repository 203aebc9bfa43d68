// SPDX-License-Identifier: Apache-2.0
// The network as a pure function of its weights.
//
// The head rule says which logits of a row count. Scenario domain: all. Scenario task: those of the
// classes of the row's own task. Scenario class: those of all classes that have been seen so far,
// or, where the benchmark says `[scenario] logits = "all"`, of every class from the start. The
// others are left out of the softmax, and their gradient is 0.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <mneme/batch.hpp>

namespace mneme {

enum class Mode { train = MNEME_TRAIN, eval = MNEME_EVAL, batch_stats = MNEME_BATCH_STATS };
enum class Of {
    loss = MNEME_OF_LOSS,                         // cross-entropy of the label in the batch
    loss_expected = MNEME_OF_LOSS_EXPECTED,       // of every class, each weighted by p(y|x)
    logits_norm = MNEME_OF_LOGITS_NORM,           // sum of squared logits
    probability_norm = MNEME_OF_PROBABILITY_NORM, // sum of squared probabilities
    max_logit = MNEME_OF_MAX_LOGIT,               // square of the largest logit
    max_probability = MNEME_OF_MAX_PROBABILITY    // square of the largest probability
};
enum class Reduce { square = MNEME_SQUARE, abs = MNEME_ABS };

enum class LayerKind {
    weight = MNEME_WEIGHT,
    bias = MNEME_BIAS,
    scale = MNEME_SCALE,
    shift = MNEME_SHIFT
};

// How one tensor lies in a row of theta: `numel` entries from `offset`, row-major. Offsets are
// multiples of 16; the padding between layers is zero and stays zero. A group names the hidden
// dimension an axis belongs to (-1: none).
struct Layer {
    std::string name;
    std::vector<int64_t> shape;
    int64_t offset, numel, fan_in;
    LayerKind kind;
    int32_t in_group, out_group;
};

// Lent by the host for the learner's lifetime. Every function takes any leading size k * S (a
// learner may stack k weight vectors per replica and repeat the data to match). Nothing is recorded
// for gradients unless the learner asks for it (autograd.hpp).
class Net final {
  public:
    explicit Net(const mneme_net* net);
    Net(const Net&) = delete;
    Net& operator=(const Net&) = delete;

    int64_t replicas() const { return api().replicas(net_); }
    int64_t classes() const { return api().classes(net_); }
    int64_t parameters() const { return api().parameters(net_); } // real entries of a row
    int64_t columns() const { return api().columns(net_); }       // width of a row, with padding
    const std::vector<Layer>& layers() const { return layers_; }
    // Size of each hidden dimension that can be permuted.
    const std::vector<int64_t>& groups() const { return groups_; }
    // The layers of the head: row c of each of them belongs to class c.
    const std::vector<Layer>& head_layers() const { return head_; }
    // [1, P]: f(layer) at each layer's columns, 0 in the padding.
    template <class F> Tensor per_column(F&& f) const {
        std::vector<float> values(static_cast<std::size_t>(columns()));
        for (const auto& l : layers_)
            std::fill_n(values.begin() + l.offset, l.numel, static_cast<float>(f(l)));
        return Tensor::of(values, {1, columns()});
    }
    Tensor real() const; // [1, P] bool: true where a column is a parameter and not padding
    // [1, P] bool: the columns of the head that belong to these classes; without any, all of it.
    Tensor head_columns(const std::vector<int64_t>& classes = {}) const;

    Weights initial() const; // the same start for every method with the same seed

    // Mode::train: dropout on, batch statistics, stats updated. Mode::eval: dropout off, running
    // statistics. Mode::batch_stats: dropout off, batch statistics, stats untouched (for
    // interpolated, masked or permuted weights).
    Tensor logits(const Weights& w, const Tensor& x, Mode mode) const; // [S, B, C]
    // [S, B, F]: what enters the last layer, after its activation
    Tensor features(const Weights& w, const Tensor& x, Mode mode) const;
    Tensor losses(const Tensor& logits, const Batch& batch) const; // [S, B] cross-entropy in nat
    Tensor head(const Tensor& task) const; // [S, B, C] bool: the logits that count
    // [..., C] bool for classes [...] int64: true at the class.
    Tensor one_hot(const Tensor& y) const { return y.unsqueeze(-1) == class_; }
    Tensor loss(const Weights& w, const Batch& batch, Mode mode) const; // [S]
    // [S, P], of each replica's own mean loss
    Tensor gradient(const Weights& w, const Batch& batch, Mode mode = Mode::train) const;
    // Mean over the batch (by weight) of square(g_n) or abs(g_n), g_n the gradient of `of` for one
    // example, in eval mode: [S, P]. Labels drawn from the model: put them into batch.y first.
    Tensor per_sample(const Weights& w, const Batch& batch, Of of, Reduce reduce) const;
    const mneme_net* raw() const { return net_; } // for the SDK's other headers

  private:
    static const mneme_net_api& api() { return *border::tables.net; }
    const mneme_net* net_;
    std::vector<Layer> layers_, head_;
    std::vector<int64_t> groups_;
    Tensor class_; // 0, 1, ..., C - 1
};

} // namespace mneme

#include <mneme/net_inline.hpp>
