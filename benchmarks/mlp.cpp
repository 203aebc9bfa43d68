// SPDX-License-Identifier: Apache-2.0
#include "mlp.hpp"

#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "rows.hpp"

namespace mneme::bench {

namespace {

at::Tensor linear(const at::Tensor& a, const at::Tensor& w, const at::Tensor& b) {
    const auto turned = w.transpose(-1, -2);
    if (!b.defined()) return product(a, turned);
    return a.dim() == 2 ? at::addmm(b, a, turned) : at::baddbmm(b.unsqueeze(1), a, turned);
}

// The inputs of one replica, or of all.
at::Tensor inputs_of(const at::Tensor& x, int64_t replica, int64_t replicas) {
    if (x.dim() == 3) return part_of(x, replica);
    return replica == every ? x.unsqueeze(0).expand({replicas, x.size(0), x.size(1)}) : alone(x);
}

at::Tensor joined(const std::vector<at::Tensor>& parts) {
    if (parts[0].dim() == 3) return parts[0];
    return parts.size() == 1 ? parts[0].unsqueeze(0) : at::stack(parts);
}

} // namespace

bool Mlp::computes(const NetworkPlan& plan) {
    const auto& layers = plan.layers;
    std::size_t l = 0;
    const auto passed = [&](const char* kind) {
        if (l == layers.size() || layers[l].spec.kind != kind) return false;
        ++l;
        return true;
    };
    while (passed(LayerName::flatten)) {
    }
    while (l + 1 < layers.size() && layers[l].in.size() == 1 && passed(LayerName::linear)) {
        if (!passed(LayerName::relu)) return false;
        passed(LayerName::dropout);
    }
    return l + 1 == layers.size(); // the head is left
}

Mlp::Mlp(const NetworkSpec& spec, const std::vector<int64_t>& input_shape, int64_t classes,
         const NetworkPlan& plan) {
    begin(spec, input_shape, classes);
    for (const auto& tensor : plan.tensors) add(tensor);
    groups_ = plan.groups;
    rates_ = plan.rates;
    for (const PlannedLayer& p : plan.layers) {
        if (p.spec.kind == LayerName::dropout) linears_.back().place = p.place;
        if (p.spec.kind != LayerName::linear) continue;
        const Layer& weight = layers_[std::size_t(p.weight)];
        const int64_t bias = p.bias < 0 ? -1 : layers_[std::size_t(p.bias)].offset;
        linears_.push_back(
            {weight.offset, bias, weight.shape[1], weight.shape[0], weight.frozen, -1});
    }
    cuts_ = cuts();
    while (lowest_ + 1 < linears_.size() && linears_[lowest_].frozen) ++lowest_;
}

Mlp::Tensors Mlp::masks(int64_t replicas, const at::Tensor& x, Mode mode,
                        const Dropout& dropout) const {
    Tensors all(linears_.size());
    if (mode != Mode::train || !dropout) return all;
    for (std::size_t l = 0; l < linears_.size(); ++l)
        if (linears_[l].place >= 0)
            all[l] = dropout(linears_[l].place, {replicas, x.size(-2), linears_[l].out});
    return all;
}

at::Tensor Mlp::mask_of(const Tensors& masks, std::size_t layer, int64_t replica) {
    return masks[layer].defined() ? part_of(masks[layer], replica) : at::Tensor();
}

std::vector<int64_t> Mlp::parts(const at::Tensor& theta, const at::Tensor& x) const {
    return parts_of(theta, theta.is_cpu() && !by_kernels(theta, x.size(-2)));
}

at::Tensor Mlp::logits(const Weights& w, const at::Tensor& x, Mode mode,
                       const Dropout& dropout) const {
    return values(w, x, mode, dropout, linears_.size());
}

at::Tensor Mlp::features(const Weights& w, const at::Tensor& x, Mode mode,
                         const Dropout& dropout) const {
    return values(w, x, mode, dropout, linears_.size() - 1);
}

at::Tensor Mlp::values(const Weights& w, const at::Tensor& given, Mode mode, const Dropout& dropout,
                       std::size_t depth) const {
    const auto x = checked(w, given);
    const auto drop = masks(w.theta.size(0), x, mode, dropout);
    if (at::GradMode::is_enabled() && (w.theta.requires_grad() || x.requires_grad()))
        return recorded(w.theta, x, drop, depth);
    const at::AutoDispatchBelowAutograd plain;
    const auto theta = aligned_rows(w.theta);
    Tensors outputs;
    for (int64_t replica : parts(theta, x))
        outputs.push_back(forward(theta, x, drop, replica, depth).output);
    return joined(outputs);
}

Mlp::Trace Mlp::forward(const at::Tensor& theta, const at::Tensor& x, const Tensors& masks,
                        int64_t replica, std::size_t depth) const {
    Trace trace;
    const bool own = by_kernels(theta, x.size(-2));
    auto a = inputs_of(x, replica, theta.size(0));
    for (std::size_t l = 0; l < depth; ++l) {
        const Linear& n = linears_[l];
        trace.inputs.push_back(a);
        if (own) {
            a = layer_forward(theta, a, l, masks[l]);
            continue;
        }
        a = linear(a, entries(theta, replica, n.weight, n.out, n.in),
                   n.bias < 0 ? at::Tensor() : entries(theta, replica, n.bias, n.out));
        if (l + 1 == linears_.size()) break;
        a.relu_();
        if (const auto mask = mask_of(masks, l, replica); mask.defined()) a.mul_(mask);
    }
    trace.output = a;
    return trace;
}

std::vector<Mlp::Trace> Mlp::forward(const at::Tensor& theta, const at::Tensor& x,
                                     const Tensors& masks) const {
    const at::AutoDispatchBelowAutograd plain;
    std::vector<Trace> traces;
    for (int64_t replica : parts(theta, x))
        traces.push_back(forward(theta, x, masks, replica, linears_.size()));
    return traces;
}

at::Tensor Mlp::logits_of(const std::vector<Trace>& traces) {
    const at::AutoDispatchBelowAutograd plain;
    Tensors outputs;
    for (const auto& trace : traces) outputs.push_back(trace.output);
    return joined(outputs);
}

std::vector<at::Tensor> Mlp::layer_inputs(const Weights& w, const at::Tensor& given, Mode mode,
                                          const Dropout& dropout) const {
    const auto x = checked(w, given);
    const auto drop = masks(w.theta.size(0), x, mode, dropout);
    const at::AutoDispatchBelowAutograd plain;
    const auto theta = aligned_rows(w.theta);
    std::vector<Tensors> entered(linears_.size()); // of each layer, of each part
    for (int64_t replica : parts(theta, x)) {
        const auto trace = forward(theta, x, drop, replica, linears_.size() - 1);
        for (std::size_t l = 0; l < trace.inputs.size(); ++l) entered[l].push_back(trace.inputs[l]);
        entered.back().push_back(trace.output);
    }
    Tensors inputs;
    for (const auto& each : entered) inputs.push_back(joined(each));
    return inputs;
}

// LibTorch's recording wants one cut for all layers: a slice for each would fill a row with zeros
// for each on the way back.
at::Tensor Mlp::recorded(const at::Tensor& theta, const at::Tensor& x, const Tensors& masks,
                         std::size_t depth) const {
    if (!theta.is_cpu())
        return recorded(pieces_of(theta.split_with_sizes(cuts_, 1), layers_),
                        inputs_of(x, every, theta.size(0)), masks, depth);
    Tensors outputs;
    const auto rows = theta.unbind(0);
    for (int64_t s = 0; s < theta.size(0); ++s) {
        Tensors own;
        for (const auto& mask : masks) own.push_back(mask.defined() ? mask.select(0, s) : mask);
        const auto cut = rows[std::size_t(s)].split_with_sizes(cuts_);
        const auto out =
            recorded(pieces_of(cut, layers_), inputs_of(x, s, theta.size(0)), own, depth);
        outputs.push_back(
            out.mul(1)); // on the way back this makes the replica's cotangent a matrix of its own
    }
    return joined(outputs);
}

at::Tensor Mlp::recorded(const Tensors& pieces, at::Tensor a, const Tensors& masks,
                         std::size_t depth) const {
    std::size_t piece = 0;
    for (std::size_t l = 0; l < depth; ++l) {
        const Linear& n = linears_[l];
        auto shape = std::vector<int64_t>{n.out, n.in};
        if (a.dim() == 3) shape.insert(shape.begin(), a.size(0));
        const auto w = pieces[piece++].reshape(shape);
        a = linear(a, w, n.bias < 0 ? at::Tensor() : pieces[piece++]);
        if (l + 1 == linears_.size()) break;
        a = a.relu();
        if (masks[l].defined()) a = a.mul(masks[l]);
    }
    return a;
}

} // namespace mneme::bench
