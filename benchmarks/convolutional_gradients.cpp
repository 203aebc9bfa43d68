// SPDX-License-Identifier: Apache-2.0
// What a convolutional network says of single examples: the inputs of its layers, and the squares
// or absolute values of each example's own gradient.
#include <map>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "convolutional.hpp"
#include "rows.hpp"

namespace mneme::bench {

struct Convolutional::Own {
    ForwardPass::LayerRecord seen;
    at::Tensor columns; // of a convolution, the inputs under each position of the window: [n, R, in
                        // * window, positions]
    at::Tensor sizes;   // of a layer of one position, the cotangents' sizes, summed: as `seen.out`

    bool one_position() const { return seen.dense || seen.slope.defined(); }
};

namespace {

at::Tensor size_of(const at::Tensor& t, bool absolute) { return absolute ? t.abs() : t.square(); }

at::Tensor columns_of(const ForwardPass::LayerRecord& seen, int64_t replicas) {
    if (!seen.conv) return {};
    const Conv& c = *seen.conv;
    auto all = at::im2col(seen.in, {c.rows, c.columns}, {1, 1}, {c.padding, c.padding},
                          {c.stride, c.stride});
    const int64_t n = all.size(0), positions = all.size(2), taken = c.in * c.rows * c.columns;
    return all.view({n, -1, taken, positions}).expand({n, replicas, taken, positions});
}

void add_to(const Layer& layer, const at::Tensor& sum, const at::Tensor& out) {
    out.narrow(1, layer.offset, layer.numel).add_(sum.reshape({out.size(0), layer.numel}));
}

} // namespace

std::vector<at::Tensor> Convolutional::layer_inputs(const Weights& w, const at::Tensor& x,
                                                    Mode mode, const Dropout& dropout) const {
    at::AutoGradMode off(false);
    const auto in = inputs({w.theta.detach(), w.stats, w.weight}, x.detach(), mode, dropout);
    std::map<int64_t, std::vector<at::Tensor>> rows; // of each layer's weight, of each part
    for (int64_t replica : parts_of(in.theta, loops(in.theta))) {
        std::vector<ForwardPass::LayerRecord> entered;
        auto each = pass(in, w.stats, replica, statistics(mode), nullptr, &entered);
        head(each, body(each, images(in.x, replica)));
        const int64_t replicas = each.replicas();
        for (const auto& layer : entered) {
            const int64_t n = layer.in.size(0);
            auto columns = layer.conv ? columns_of(layer, replicas).permute({1, 0, 3, 2})
                                      : layer.in.reshape({n, replicas, -1}).transpose(0, 1);
            const int64_t index = layer.conv ? layer.conv->weight : layer.dense->weight;
            rows[index].push_back(columns.reshape({replicas, -1, columns.size(-1)}));
        }
    }
    std::vector<at::Tensor> out;
    for (const auto& [layer, parts] : rows) out.push_back(at::cat(parts, 0));
    return out;
}

// A layer's own gradient for example n is a sum over positions, which must be formed before it is
// squared.
void Convolutional::add_positions(const Own& own, const at::Tensor& d, bool absolute,
                                  const at::Tensor& out) const {
    const ForwardPass::LayerRecord& seen = own.seen;
    const int64_t replicas = out.size(0), n = d.size(0);
    const auto by_place = d.reshape({n, replicas, d.size(1) / replicas, -1});
    const auto add = [&](int64_t layer, const at::Tensor& gradient) {
        add_to(layers_[std::size_t(layer)], size_of(gradient, absolute).sum(0), out);
    };
    if (seen.norm) {
        add(seen.norm->scale, (by_place * seen.in.reshape(by_place.sizes())).sum(3));
        add(seen.norm->shift, by_place.sum(3));
        return;
    }
    add(seen.conv->weight, at::matmul(by_place, own.columns.transpose(2, 3)));
    if (seen.conv->bias >= 0) add(seen.conv->bias, by_place.sum(3));
}

// A linear layer has one position, so squares of both factors multiply, and those of the cotangents
// are summed first. So do they where a channel becomes one number: its weights' gradient is that of
// the number, a sum over positions formed once, times the cotangent.
void Convolutional::add_products(const Own& own, bool absolute, const at::Tensor& out) const {
    const ForwardPass::LayerRecord& seen = own.seen;
    const int64_t replicas = out.size(0), n = own.sizes.size(0);
    const auto add = [&](int64_t layer, const at::Tensor& sum) {
        add_to(layers_[std::size_t(layer)], sum, out);
    };
    if (seen.dense) {
        const auto of_replica = [&](const at::Tensor& t) {
            return t.reshape({n, replicas, -1}).transpose(0, 1);
        };
        const auto e = of_replica(own.sizes);
        add(seen.dense->weight, at::bmm(e.transpose(1, 2), of_replica(size_of(seen.in, absolute))));
        if (seen.dense->bias >= 0) add(seen.dense->bias, e.sum(1));
        return;
    }
    const auto slope = seen.slope.reshape({n, replicas, seen.conv->out, -1});
    const auto sizes = own.sizes.reshape({n, replicas, seen.conv->out, 1});
    const auto weighed = [&](at::Tensor gradient) {
        return (absolute ? gradient.abs_() : gradient.square_()).mul_(sizes).sum(0);
    };
    add(seen.conv->weight, weighed(at::matmul(slope, own.columns.transpose(2, 3))));
    if (seen.conv->bias >= 0) add(seen.conv->bias, weighed(slope.sum(3, true)));
}

at::Tensor Convolutional::per_sample(const Weights& w, const at::Tensor& x,
                                     const Cotangents& cotangents, bool absolute) const {
    at::AutoGradMode off(false);
    const auto in = inputs({w.theta.detach(), w.stats}, x.detach(), Mode::eval, {});
    const auto parts = parts_of(in.theta, loops(in.theta));
    auto stats = w.stats;
    if (batch_columns_ > 0 && stats_columns_ == 0) { // norm batch_stats
        stats = at::zeros({in.theta.size(0), batch_columns_}, in.theta.options());
        for (int64_t replica : parts) {
            auto collecting = pass(in, stats, replica, ForwardPass::Statistics::collect);
            body(collecting, images(in.x, replica));
        }
    }
    const auto directions = cotangents(values(w, x, Mode::eval, {}, true));
    auto sum = at::zeros_like(in.theta);
    constexpr int64_t chunk =
        16; // examples at a time: memory for what lies under each position of each window
    const int64_t examples = in.x.size(-2);
    for (int64_t replica : parts)
        for (int64_t first = 0; first < examples; first += chunk) {
            const int64_t n = std::min(chunk, examples - first);
            std::vector<at::Tensor> some;
            for (const auto& direction : directions) {
                const auto part = direction.narrow(1, first, n);
                const auto d = replica == every ? part.transpose(0, 1).reshape({n, -1})
                                                : alone(part.select(0, replica));
                if (d.is_cpu() && !d.any().item<bool>())
                    continue; // a class that the head rule leaves out
                some.push_back(d);
            }
            std::vector<ForwardPass::LayerRecord> seen;
            at::AutoGradMode on(true);
            auto each = pass(in, stats, replica, ForwardPass::Statistics::running, &seen);
            const auto out = head(each, body(each, images(in.x.narrow(-2, first, n), replica)));
            add_examples(seen, out, some, absolute,
                         replica == every ? sum : sum.narrow(0, replica, 1));
        }
    return sum;
}

void Convolutional::add_examples(const std::vector<ForwardPass::LayerRecord>& seen,
                                 const at::Tensor& logits,
                                 const std::vector<at::Tensor>& directions, bool absolute,
                                 const at::Tensor& row) const {
    std::vector<at::Tensor> outputs;
    std::vector<Own> owns;
    for (const auto& layer : seen) {
        const int64_t first = layer.norm    ? layer.norm->scale
                              : layer.dense ? layer.dense->weight
                                            : layer.conv->weight;
        if (layers_[std::size_t(first)].frozen) continue;
        outputs.push_back(layer.out);
        owns.push_back({layer, columns_of(layer, row.size(0)), {}});
    }
    for (const auto& d : directions) {
        const auto grads = torch::autograd::grad({logits}, outputs, {d}, true);
        at::AutoGradMode plain(false);
        for (std::size_t l = 0; l < owns.size(); ++l) {
            auto& own = owns[l];
            if (!own.one_position()) add_positions(own, grads[l], absolute, row);
            else if (!own.sizes.defined()) own.sizes = size_of(grads[l], absolute);
            else own.sizes.add_(size_of(grads[l], absolute));
        }
    }
    at::AutoGradMode plain(false);
    for (const auto& own : owns)
        if (own.sizes.defined()) add_products(own, absolute, row);
}

} // namespace mneme::bench
