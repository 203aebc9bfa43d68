// SPDX-License-Identifier: Apache-2.0
// The network as a pure function of its weights, and the batches that are fed to it. Everything has
// a leading replica axis S: one learner trains S networks at once (seeds, or values of a
// hyper-parameter), and row s never looks at another row.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <mneme/tensor.hpp>

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

// The weights of S networks.
struct Weights {
    Tensor theta; // [S, P] float32: everything that is trained
    Tensor stats; // [S, Q] float32: what the forward pass updates by itself; no columns where a
                  // network has no such values
};

// One mini-batch for every replica. A memory batch may mix tasks, so each row says which task it
// came from.
struct Batch {
    Tensor x;      // [S, B, ...] float32; or [B, ...] when every replica sees the same examples
    Tensor y;      // [S, B] int64, class index in the head's numbering
    Tensor task;   // [S, B] int64, task index from 0, for the head rule
    Tensor weight; // [S, B] float32; the loss is sum(weight * ce) / sum(weight), exactly 0 where
                   // the sum is 0
    int64_t current =
        0; // rows before this one belong to the current task's batch, the others to memory (their
           // dropout has a source of its own, so that it does not depend on the memory)

    int64_t rows() const { return y.size(1); }
};

// One batch behind the other, as one: `current` counts the rows of the first that do.
inline Batch concat(const Batch& a, const Batch& b) {
    auto whole = [](const Batch& batch) { // x with its replica axis
        if (batch.x.dim() > 2 || batch.x.size(0) != batch.rows()) return batch.x;
        auto shape = batch.x.shape();
        shape.insert(shape.begin(), batch.y.size(0));
        return batch.x.unsqueeze(0).expand(shape);
    };
    return {cat({whole(a), whole(b)}, 1), cat({a.y, b.y}, 1), cat({a.task, b.task}, 1),
            cat({a.weight, b.weight}, 1), a.current};
}

namespace border {
inline mneme_batch lend(const Batch& b) {
    return {sizeof(mneme_batch), 0,        b.x.handle(), b.y.handle(), b.task.handle(),
            b.weight.handle(),   b.current};
}
inline Batch borrow(const mneme_batch& b) {
    return {Tensor::borrow(b.x), Tensor::borrow(b.y), Tensor::borrow(b.task),
            Tensor::borrow(b.weight), b.current};
}
inline Batch own(const mneme_batch& b) {
    return {Tensor(b.x), Tensor(b.y), Tensor(b.task), Tensor(b.weight), b.current};
}
} // namespace border

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
    explicit Net(const mneme_net* net) : net_(net) {
        auto& api = *border::tables.net;
        std::vector<mneme_layer> raw(static_cast<std::size_t>(api.layers(net, nullptr, 0)));
        for (auto& layer : raw) layer.size = sizeof layer;
        api.layers(net, raw.data(), static_cast<int64_t>(raw.size()));
        for (const auto& l : raw)
            layers_.push_back({l.name,
                               {l.shape, l.shape + l.dims},
                               l.offset,
                               l.numel,
                               l.fan_in,
                               LayerKind(l.kind),
                               l.in_group,
                               l.out_group});
        groups_.resize(static_cast<std::size_t>(api.groups(net, nullptr, 0)));
        api.groups(net, groups_.data(), static_cast<int64_t>(groups_.size()));
    }
    Net(const Net&) = delete;
    Net& operator=(const Net&) = delete;

    int64_t replicas() const { return border::tables.net->replicas(net_); }
    int64_t classes() const { return border::tables.net->classes(net_); }
    int64_t parameters() const {
        return border::tables.net->parameters(net_);
    } // real entries of a row
    int64_t columns() const {
        return border::tables.net->columns(net_);
    } // width of a row, padding included
    const std::vector<Layer>& layers() const { return layers_; }
    const std::vector<int64_t>& groups() const {
        return groups_;
    } // size of each hidden dimension that can be permuted
    // [1, P]: f(layer) at each layer's columns, 0 in the padding.
    template <class F> Tensor per_column(F&& f) const {
        std::vector<float> values(static_cast<std::size_t>(columns()));
        for (const auto& l : layers_)
            std::fill_n(values.begin() + l.offset, l.numel, static_cast<float>(f(l)));
        return Tensor::of(values, {1, columns()});
    }
    Tensor real() const { // [1, P] bool: true where a column is a parameter and not padding
        return per_column([](const Layer&) { return 1; }) > 0;
    }

    // The same start for every method with the same seed.
    Weights initial() const {
        mneme_tensor *theta = nullptr, *stats = nullptr;
        border::call(border::tables.net->initial, net_, &theta, &stats);
        return {Tensor(theta), Tensor(stats)};
    }

    // Mode::train: dropout on, batch statistics, stats updated. Mode::eval: dropout off, running
    // statistics. Mode::batch_stats: dropout off, batch statistics, stats untouched (for
    // interpolated, masked or permuted weights).
    Tensor logits(const Weights& w, const Tensor& x, Mode mode) const { // [S, B, C]
        return get(border::tables.net->logits, w.theta.handle(), w.stats.handle(), x.handle(),
                   static_cast<int32_t>(mode));
    }
    Tensor features(const Weights& w, const Tensor& x, Mode mode)
        const { // [S, B, F]: what enters the last layer, after its activation
        return get(border::tables.net->features, w.theta.handle(), w.stats.handle(), x.handle(),
                   static_cast<int32_t>(mode));
    }
    Tensor losses(const Tensor& logits,
                  const Batch& batch) const { // [S, B] cross-entropy in nat under the head rule
        const auto b = border::lend(batch);
        return get(border::tables.net->losses, logits.handle(), &b);
    }
    Tensor head(const Tensor& task) const {
        return get(border::tables.net->head, task.handle());
    } // [S, B, C] bool: the logits that count
    Tensor loss(const Weights& w, const Batch& batch, Mode mode) const { // [S]
        const auto b = border::lend(batch);
        return get(border::tables.net->loss, w.theta.handle(), w.stats.handle(), &b,
                   static_cast<int32_t>(mode));
    }
    Tensor gradient(const Weights& w, const Batch& batch,
                    Mode mode = Mode::train) const { // [S, P], of each replica's own mean loss
        const auto b = border::lend(batch);
        return get(border::tables.net->gradient, w.theta.handle(), w.stats.handle(), &b,
                   static_cast<int32_t>(mode));
    }
    // Mean over the batch (by weight) of square(g_n) or abs(g_n), g_n the gradient of `of` for one
    // example, in eval mode: [S, P]. Labels drawn from the model: put them into batch.y first.
    Tensor per_sample(const Weights& w, const Batch& batch, Of of, Reduce reduce) const {
        const auto b = border::lend(batch);
        return get(border::tables.net->per_sample, w.theta.handle(), w.stats.handle(), &b,
                   static_cast<int32_t>(of), static_cast<int32_t>(reduce));
    }

  private:
    template <class F, class... A> Tensor get(F function, A... arguments) const {
        mneme_tensor* out = nullptr;
        border::call(function, net_, arguments..., &out);
        return Tensor(out);
    }
    const mneme_net* net_;
    std::vector<Layer> layers_;
    std::vector<int64_t> groups_;
};

} // namespace mneme
