// SPDX-License-Identifier: Apache-2.0
// What a list of layers says of single examples: the inputs of its layers, and the squares or
// absolute values of each example's own gradient.
#include <map>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "layer_list.hpp"
#include "rows.hpp"

namespace mneme::bench {

namespace {

// The inputs under each position of the window: [n, groups, channels * window, positions].
at::Tensor columns_of(const PlannedLayer& p, const at::Tensor& in) {
    const LayerSpec& s = p.spec;
    const bool patches = s.kind == LayerName::patches;
    const int64_t size = patches ? s.size : s.kernel, stride = patches ? size : s.stride,
                  groups = patches ? 1 : s.groups;
    const auto all = at::im2col(in, {size, size}, {1, 1}, {s.padding, s.padding}, {stride, stride});
    return all.view({all.size(0), groups, all.size(1) / groups, all.size(2)});
}

} // namespace

std::vector<at::Tensor> LayerList::layer_inputs(const Weights& w, const at::Tensor& x, Mode mode,
                                                const Dropout& dropout) const {
    at::AutoGradMode off(false);
    const auto in = inputs({w.theta.detach(), w.stats, w.weight}, x.detach(), mode, dropout);
    std::map<int64_t, std::vector<at::Tensor>> rows; // of each layer's weight, of each replica
    for (int64_t replica = 0; replica < in.theta.size(0); ++replica) {
        std::vector<Record> entered;
        auto each = pass(in, w.stats, replica, statistics(mode));
        each.records = &entered;
        through(each, plan_.layers, example(in, replica), plan_.layers.size());
        for (const auto& record : entered) {
            if (record.of != Record::Of::conv && record.of != Record::Of::linear) continue;
            const auto taken = record.of == Record::Of::conv
                                   ? columns_of(*record.layer, record.in).permute({0, 3, 1, 2})
                                   : record.in;
            rows[record.weight].push_back(taken.reshape({1, -1, taken.size(-1)}));
        }
    }
    std::vector<at::Tensor> out;
    for (const auto& [layer, parts] : rows) out.push_back(at::cat(parts, 0));
    return out;
}

// An example's own gradient is a sum over positions, which is formed before it is squared.
void LayerList::add_examples(const Record& record, const at::Tensor& d, bool absolute,
                             at::Tensor& row) const {
    const int64_t n = d.size(0);
    const auto add = [&](int64_t tensor, const at::Tensor& each) { // [n, ...]
        const Layer& l = layers_[std::size_t(tensor)];
        const auto size = absolute ? each.abs() : each.square();
        row.narrow(0, l.offset, l.numel).add_(size.sum(0).reshape({l.numel}));
    };
    switch (record.of) {
        case Record::Of::token: return add(record.weight, d);
        case Record::Of::positions: return add(record.weight, d);
        case Record::Of::conv: {
            const auto columns = columns_of(*record.layer, record.in);
            const int64_t groups = columns.size(1);
            const auto by_place = d.reshape({n, groups, d.size(1) / groups, -1});
            add(record.weight, at::matmul(by_place, columns.transpose(2, 3)));
            if (record.bias >= 0) add(record.bias, by_place.sum(3));
            return;
        }
        case Record::Of::linear: {
            const auto by_place = d.reshape({n, -1, d.size(-1)});
            const auto in = record.in.reshape({n, -1, record.in.size(-1)});
            add(record.weight, at::matmul(by_place.transpose(1, 2), in));
            if (record.bias >= 0) add(record.bias, by_place.sum(1));
            return;
        }
        case Record::Of::scale: {
            const bool last = record.layer->spec.over == NormOver::layer; // channels lie last
            const auto by_place = [&](const at::Tensor& t) {
                return last ? t.reshape({n, -1, t.size(-1)}).transpose(1, 2)
                            : t.reshape({n, t.size(1), -1});
            };
            add(record.weight, (by_place(d) * by_place(record.in)).sum(2));
            add(record.bias, by_place(d).sum(2));
        }
    }
}

at::Tensor LayerList::per_sample(const Weights& w, const at::Tensor& x,
                                 const Cotangents& cotangents, bool absolute) const {
    at::AutoGradMode off(false);
    const auto directions = cotangents(values(w, x, Mode::eval, {}, true));
    auto in = inputs({w.theta.detach(), w.stats}, x.detach(), Mode::eval, {});
    const auto whole = in.x;
    auto sum = at::zeros_like(in.theta);
    constexpr int64_t chunk = 16; // examples at a time: a gradient of each is held
    const int64_t examples = whole.size(-2);
    for (int64_t replica = 0; replica < in.theta.size(0); ++replica)
        for (int64_t first = 0; first < examples; first += chunk) {
            const int64_t n = std::min(chunk, examples - first);
            in.x = whole.narrow(-2, first, n);
            std::vector<Record> seen;
            std::vector<at::Tensor> outputs;
            at::AutoGradMode on(true);
            auto each = pass(in, w.stats, replica, ForwardPass::Statistics::running);
            each.records = &seen, each.with_outputs = true;
            const auto out = through(each, plan_.layers, example(in, replica), plan_.layers.size());
            for (const auto& record : seen) outputs.push_back(record.out);
            auto row = sum.select(0, replica);
            for (const auto& direction : directions) {
                const auto d = alone(direction.select(0, replica).narrow(0, first, n));
                if (d.is_cpu() && !d.any().item<bool>())
                    continue; // a class that the head rule leaves out
                const auto grads = torch::autograd::grad({out}, outputs, {d}, true);
                at::AutoGradMode plain(false);
                for (std::size_t l = 0; l < seen.size(); ++l)
                    add_examples(seen[l], grads[l], absolute, row);
            }
        }
    return sum;
}

} // namespace mneme::bench
