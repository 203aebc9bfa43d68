// SPDX-License-Identifier: Apache-2.0
#include "mlp.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "rows.hpp"

namespace mneme::bench {

namespace {

// The entries of a layer in one row of [S, P], or in all rows.
at::Tensor entries(const at::Tensor& rows, int64_t replica, int64_t offset, int64_t out,
                   int64_t in) {
    const int64_t first = rows.storage_offset() + offset;
    if (replica == every)
        return rows.as_strided({rows.size(0), out, in}, {rows.stride(0), in, 1}, first);
    return rows.as_strided({out, in}, {in, 1}, first + replica * rows.stride(0));
}
at::Tensor entries(const at::Tensor& rows, int64_t replica, int64_t offset, int64_t size) {
    const int64_t first = rows.storage_offset() + offset;
    if (replica == every) return rows.as_strided({rows.size(0), size}, {rows.stride(0), 1}, first);
    return rows.as_strided({size}, {1}, first + replica * rows.stride(0));
}

at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
    return a.dim() == 2 ? at::mm(a, b) : at::bmm(a, b);
}
void product_into(at::Tensor out, const at::Tensor& a, const at::Tensor& b) {
    if (a.dim() == 2) at::mm_out(out, a, b);
    else at::bmm_out(out, a, b);
}
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

at::Tensor Mlp::result_like(const at::Tensor& theta) const {
    auto out = at::empty({theta.size(0), columns_}, theta.options());
    int64_t offset = 0;
    for (int64_t size : cuts_) { // padding is what stands between layers
        if (size < 16 && offset % 16) out.narrow(1, offset, size).zero_();
        offset += size;
    }
    for (const auto& layer : layers_)
        if (layer.frozen) out.narrow(1, layer.offset, layer.numel).zero_();
    return out;
}

std::vector<int64_t> Mlp::parts(const at::Tensor& theta, const at::Tensor& x) const {
    return parts_of(theta, theta.is_cpu() && !by_kernels(theta, x.size(-2)));
}

// What enters linear layer `layer` had this cotangent, before its ReLU.
at::Tensor Mlp::below(const at::Tensor& theta, const Trace& trace, int64_t replica,
                      std::size_t layer, const at::Tensor& d, const at::Tensor& mask) const {
    if (by_kernels(theta, d.size(-2)))
        return layer_below(theta, trace.inputs[layer], layer, d, mask);
    const Linear& n = linears_[layer];
    auto before = product(d, entries(theta, replica, n.weight, n.out, n.in));
    if (mask.defined()) before.mul_(mask);
    return at::threshold_backward_out(before, before, trace.inputs[layer],
                                      0); // an entry that was dropped is 0 and gives 0
}

// Weights and bias of layer `layer`, for what entered it and the cotangent of what it gave.
void Mlp::into(at::Tensor& out, const at::Tensor& theta, const at::Tensor& a, int64_t replica,
               std::size_t layer, const at::Tensor& d) const {
    if (by_kernels(theta, d.size(-2))) return layer_gradient(theta, a, layer, d, out);
    const Linear& n = linears_[layer];
    product_into(entries(out, replica, n.weight, n.out, n.in), d.transpose(-1, -2), a);
    if (n.bias < 0) return;
    auto bias = entries(out, replica, n.bias, n.out);
    at::sum_out(bias, d, d.dim() - 2);
}

void Mlp::backward(const at::Tensor& theta, const Trace& trace, const Tensors& masks,
                   int64_t replica, at::Tensor d, at::Tensor& out) const {
    for (std::size_t l = linears_.size(); l-- > lowest_;) {
        if (!linears_[l].frozen) into(out, theta, trace.inputs[l], replica, l, d);
        if (l > lowest_) d = below(theta, trace, replica, l, d, mask_of(masks, l - 1, replica));
    }
}

at::Tensor Mlp::gradient(const Weights& w, const at::Tensor& given, Mode mode,
                         const Dropout& dropout, const Cotangent& cotangent) const {
    const auto x = checked(w, given);
    const auto drop = masks(w.theta.size(0), x, mode, dropout);
    const auto theta = aligned_rows(w.theta);
    const auto replicas = parts(theta, x);
    const auto traces = forward(theta, x, drop);
    const auto d = cotangent(logits_of(traces));
    const at::AutoDispatchBelowAutograd plain;
    auto out = result_like(theta);
    for (std::size_t i = 0; i < replicas.size(); ++i)
        backward(theta, traces[i], drop, replicas[i], part_of(d, replicas[i]), out);
    return out;
}

// A linear layer's own gradient for example n is the outer product of d[n] and a[n], so squares (or
// absolute values) of both multiply; `a` is the same for every direction, so theirs are added up
// first.
void Mlp::per_sample(const at::Tensor& theta, const Trace& trace, int64_t replica,
                     Tensors directions, bool absolute, at::Tensor& out) const {
    const auto size_of = [&](const at::Tensor& t) { return absolute ? t.abs() : t.square(); };
    for (std::size_t l = linears_.size(); l-- > lowest_;) {
        auto sum = size_of(directions[0]);
        for (std::size_t k = 1; k < directions.size(); ++k) sum.add_(size_of(directions[k]));
        if (!linears_[l].frozen) into(out, theta, size_of(trace.inputs[l]), replica, l, sum);
        if (l == lowest_) break;
        for (auto& d : directions) d = below(theta, trace, replica, l, d, {});
    }
}

at::Tensor Mlp::per_sample(const Weights& w, const at::Tensor& given, const Cotangents& cotangents,
                           bool absolute) const {
    const auto x = checked(w, given);
    const auto theta = aligned_rows(w.theta);
    const auto replicas = parts(theta, x);
    const auto traces = forward(theta, x, Tensors(linears_.size()));
    const auto directions = cotangents(logits_of(traces));
    const at::AutoDispatchBelowAutograd plain;
    if (directions.empty()) return at::zeros_like(theta);
    auto out = result_like(theta);
    for (std::size_t i = 0; i < replicas.size(); ++i) {
        Tensors own;
        for (const auto& d : directions) own.push_back(part_of(d, replicas[i]));
        per_sample(theta, traces[i], replicas[i], std::move(own), absolute, out);
    }
    return out;
}

} // namespace mneme::bench
