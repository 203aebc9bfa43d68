// SPDX-License-Identifier: Apache-2.0
#include "layer_list.hpp"

#include <cmath>
#include <utility>

#include <ATen/ATen.h>

#include "rows.hpp"

namespace mneme::bench {

using Name = LayerName;

ForwardPass::Statistics LayerList::statistics(Mode mode) {
    if (mode == Mode::batch_stats) return ForwardPass::Statistics::batch;
    return mode == Mode::train ? ForwardPass::Statistics::batch_and_update
                               : ForwardPass::Statistics::running;
}

LayerList::LayerList(const NetworkSpec& spec, const std::vector<int64_t>& input_shape,
                     int64_t classes, NetworkPlan plan)
    : plan_(std::move(plan)) {
    begin(spec, input_shape, classes);
    for (const auto& tensor : plan_.tensors) add(tensor);
    for (const auto& tensor : plan_.stats) add_stats(tensor);
    groups_ = plan_.groups;
    rates_ = plan_.rates;
}

at::Tensor LayerList::logits(const Weights& w, const at::Tensor& x, Mode mode,
                             const Dropout& dropout) const {
    return values(w, x, mode, dropout, true);
}

at::Tensor LayerList::features(const Weights& w, const at::Tensor& x, Mode mode,
                               const Dropout& dropout) const {
    return values(w, x, mode, dropout, false);
}

LayerList::Inputs LayerList::inputs(const Weights& w, const at::Tensor& x, Mode mode,
                                    const Dropout& dropout) const {
    Inputs in{aligned_rows(w.theta),
              checked(w, x),
              w.weight.defined() ? w.weight > 0 : at::Tensor(),
              {},
              {}};
    in.rows = in.theta.unbind(0); // once: each select would fill all rows with zeros on the way
                                  // back
    if (mode == Mode::train && dropout) // for all replicas at once
        for (std::size_t place = 0; place < plan_.widths.size(); ++place)
            in.masks.push_back(
                dropout(int64_t(place), {w.theta.size(0), x.size(-2), plan_.widths[place]}));
    return in;
}

LayerList::Pass LayerList::pass(const Inputs& in, const at::Tensor& stats, int64_t replica,
                                ForwardPass::Statistics how) const {
    // One cut for all layers: a slice for each would fill a row with zeros for each on the way
    // back.
    const auto cut = in.rows[std::size_t(replica)].split_with_sizes(cuts());
    auto pieces = pieces_of(cut, layers_);
    ForwardPass::Setting s{1, pieces, {}, how, {}, {}, nullptr, nullptr, in.theta.is_cpu(), false};
    for (const auto& mask : in.masks)
        s.masks.push_back(alone(mask.select(0, replica)).to(in.theta.scalar_type()));
    if (stats.defined()) s.stats = stats.narrow(0, replica, 1);
    if (in.counts.defined()) s.counts = in.counts.narrow(0, replica, 1);
    return {std::move(pieces), ForwardPass(std::move(s))};
}

at::Tensor LayerList::example(const Inputs& in, int64_t replica) const {
    std::vector<int64_t> shape{-1};
    shape.insert(shape.end(), input_shape_.begin(), input_shape_.end());
    return (in.x.dim() == 2 ? alone(in.x) : part_of(in.x, replica)).view(shape);
}

at::Tensor LayerList::values(const Weights& w, const at::Tensor& x, Mode mode,
                             const Dropout& dropout, bool to_logits) const {
    const auto in = inputs(w, x, mode, dropout);
    std::vector<at::Tensor> outputs;
    for (int64_t replica = 0; replica < in.theta.size(0); ++replica) {
        auto each = pass(in, w.stats, replica, statistics(mode));
        const auto out = through(each, plan_.layers, example(in, replica),
                                 plan_.layers.size() - (to_logits ? 0 : 1));
        outputs.push_back(
            out.mul(1)); // on the way back this makes the replica's cotangent a matrix of its own
    }
    return at::stack(outputs);
}

at::Tensor LayerList::through(Pass& pass, const std::vector<PlannedLayer>& layers, at::Tensor a,
                              std::size_t count) const {
    for (std::size_t l = 0; l < count; ++l) a = layer(pass, layers[l], a);
    return a;
}

at::Tensor LayerList::piece(const Pass& pass, int64_t tensor) const {
    if (tensor < 0) return {};
    return pass.pieces[std::size_t(tensor)].reshape(layers_[std::size_t(tensor)].shape);
}

at::Tensor LayerList::layer(Pass& pass, const PlannedLayer& p, const at::Tensor& a) const {
    const LayerSpec& s = p.spec;
    const std::string& kind = s.kind;
    if (kind == Name::conv) return conv(pass, p, a);
    if (kind == Name::linear) return linear(pass, p, a, p.weight, p.bias);
    if (kind == Name::norm) return norm(pass, p, a);
    if (kind == Name::relu) return a.relu();
    if (kind == Name::gelu) return at::gelu(a);
    if (kind == Name::tanh) return a.tanh();
    if (kind == Name::flatten) return a.flatten(1);
    if (kind == Name::first_token) return a.select(1, 0);
    if (kind == Name::patches) return patches(pass, p, a);
    if (kind == Name::attention) return attention(pass, p, a);
    if (kind == Name::dropout) return pass.shared.drop(a, p.place);
    if (kind == Name::residual) {
        const auto inside = through(pass, p.layers, a, p.layers.size());
        return inside + through(pass, p.shortcut, a, p.shortcut.size());
    }
    const bool largest = kind == Name::max_pool; // or a mean
    if (p.in.size() == 2) return largest ? a.amax(1) : a.mean(1);
    if (s.kernel == 0) return largest ? a.amax({2, 3}, true) : a.mean({2, 3}, true);
    if (largest) return at::max_pool2d(a, s.kernel, s.stride, s.padding);
    return at::avg_pool2d(a, s.kernel, s.stride, s.padding);
}

// A gradient with respect to `out` alone asks for no weights: where nothing before it is recorded,
// recording begins here.
at::Tensor LayerList::noted(Pass& pass, Record record) const {
    auto out = record.out;
    const bool frozen = layers_[std::size_t(record.weight)].frozen;
    if (!pass.records || (pass.with_outputs && frozen)) return out;
    record.in = record.in.defined() ? record.in.detach() : record.in;
    if (pass.with_outputs) {
        if (!out.requires_grad()) out.requires_grad_();
        record.out = out;
    } else {
        record.out.reset();
    }
    pass.records->push_back(std::move(record));
    return out;
}

// Never with the channels last: LibTorch 2.11's gradient of a 1x1 convolution of 4 channels with
// stride 2 then damages the heap on a CPU.
at::Tensor LayerList::conv(Pass& pass, const PlannedLayer& p, const at::Tensor& a) const {
    const LayerSpec& s = p.spec;
    const auto out = at::conv2d(a, piece(pass, p.weight), piece(pass, p.bias), {s.stride, s.stride},
                                {s.padding, s.padding}, {1, 1}, s.groups);
    return noted(pass, {Record::Of::conv, &p, p.weight, p.bias, a, out});
}

at::Tensor LayerList::linear(Pass& pass, const PlannedLayer& p, const at::Tensor& a, int64_t weight,
                             int64_t bias) const {
    const auto out = at::linear(a, piece(pass, weight), piece(pass, bias));
    return noted(pass, {Record::Of::linear, &p, weight, bias, a, out});
}

at::Tensor LayerList::norm(Pass& pass, const PlannedLayer& p, const at::Tensor& a) const {
    const LayerSpec& s = p.spec;
    const bool apart = pass.records && pass.with_outputs && s.affine; // scaled in view
    const auto scale = apart ? at::Tensor() : piece(pass, p.weight);
    const auto shift = apart ? at::Tensor() : piece(pass, p.bias);
    at::Tensor out;
    if (s.over == NormOver::layer) {
        out = at::layer_norm(a, {a.size(-1)}, scale, shift, norm_eps, false);
    } else if (s.over == NormOver::group) {
        out = at::group_norm(a, s.groups, scale, shift, norm_eps, false);
    } else {
        Norm n;
        n.kind = Norm::Kind::batch, n.channels = a.size(1), n.frozen = p.frozen;
        if (!apart) n.scale = p.weight, n.shift = p.bias;
        n.mean = stats_layers_[std::size_t(p.mean)].offset;
        n.variance = stats_layers_[std::size_t(p.variance)].offset;
        out = pass.shared.norm(a.dim() == 2 ? a.view({a.size(0), a.size(1), 1, 1}) : a, n);
        out = out.reshape(a.sizes());
    }
    if (!apart) return out;
    std::vector<int64_t> by_channel(std::size_t(a.dim()), 1);
    by_channel[s.over == NormOver::layer ? by_channel.size() - 1 : 1] = -1;
    const auto whole =
        out * piece(pass, p.weight).view(by_channel) + piece(pass, p.bias).view(by_channel);
    return noted(pass, {Record::Of::scale, &p, p.weight, p.bias, out, whole});
}

at::Tensor LayerList::patches(Pass& pass, const PlannedLayer& p, const at::Tensor& a) const {
    const int64_t size = p.spec.size;
    auto out = at::conv2d(a, piece(pass, p.weight), piece(pass, p.bias), {size, size});
    out = noted(pass, {Record::Of::conv, &p, p.weight, p.bias, a, out});
    out = out.flatten(2).transpose(1, 2); // [B, tokens, width]
    if (p.token >= 0) {
        auto token = piece(pass, p.token).expand({out.size(0), 1, out.size(2)}).clone();
        token = noted(pass, {Record::Of::token, &p, p.token, -1, {}, token});
        out = at::cat({token, out}, 1);
    }
    if (p.positions < 0) return out;
    return noted(pass,
                 {Record::Of::positions, &p, p.positions, -1, {}, out + piece(pass, p.positions)});
}

// softmax(q k' / sqrt(d)) v of each head, d numbers of a head; then a linear layer.
at::Tensor LayerList::attention(Pass& pass, const PlannedLayer& p, const at::Tensor& a) const {
    const int64_t rows = a.size(0), tokens = a.size(1), width = a.size(2), heads = p.spec.heads;
    const auto qkv = linear(pass, p, a, p.weight, p.bias)
                         .view({rows, tokens, 3, heads, width / heads})
                         .permute({2, 0, 3, 1, 4}); // [3, B, heads, tokens, d]
    const auto scores =
        at::matmul(qkv[0], qkv[1].transpose(-2, -1)) / std::sqrt(double(width) / double(heads));
    const auto mixed = at::matmul(at::softmax(scores, -1), qkv[2]);
    return linear(pass, p, mixed.transpose(1, 2).reshape({rows, tokens, width}), p.last_weight,
                  p.last_bias);
}

} // namespace mneme::bench
