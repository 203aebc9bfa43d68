// SPDX-License-Identifier: Apache-2.0
#include "convolutional.hpp"

#include <utility>

#include <ATen/ATen.h>

#include "name_pattern.hpp"
#include "rows.hpp"

namespace mneme::bench {

Convolutional::Convolutional(const NetworkSpec& spec, const std::vector<int64_t>& input_shape,
                             Image image, int64_t classes)
    : spec_(spec), image_(image) {
    begin(spec, input_shape, classes);
}

int64_t Convolutional::group(int64_t size) {
    if (spec_.norm == NormKind::group)
        return -1; // its channels are normalised by parts: exchanged between parts they give other
                   // outputs
    groups_.push_back(size);
    return int64_t(groups_.size()) - 1;
}

Conv Convolutional::conv(const std::string& name, int64_t from, int64_t to, Conv c, bool bias) {
    const int64_t window = c.rows * c.columns;
    const int64_t fan_in = c.in * window, fan_out = c.out * window;
    c.weight = int64_t(add({name + ".weight",
                            {c.out, c.in, c.rows, c.columns},
                            LayerKind::weight,
                            from,
                            to,
                            0,
                            0,
                            fan_in,
                            fan_out}));
    if (bias)
        c.bias =
            int64_t(add({name + ".bias", {c.out}, LayerKind::bias, -1, to, 0, 0, fan_in, fan_out}));
    return c;
}

Dense Convolutional::dense(const std::string& name, int64_t from, int64_t to, int64_t in,
                           int64_t out, bool bias) {
    Dense d{-1, -1, in, out};
    d.weight =
        int64_t(add({name + ".weight", {out, in}, LayerKind::weight, from, to, 0, 0, in, out}));
    if (bias)
        d.bias = int64_t(add({name + ".bias", {out}, LayerKind::bias, -1, to, 0, 0, in, out}));
    return d;
}

Norm Convolutional::norm(const std::string& name, int64_t of, int64_t channels, bool affine) {
    Norm n{Norm::Kind::none, -1, -1, channels, -1, -1};
    if (spec_.norm == NormKind::none) return n;
    n.kind = spec_.norm == NormKind::group ? Norm::Kind::group : Norm::Kind::batch;
    if (affine && spec_.norm != NormKind::batch_frozen) {
        n.scale = int64_t(add({name + ".scale", {channels}, LayerKind::scale, -1, of, 0, 0, 1, 1}));
        n.shift = int64_t(add({name + ".shift", {channels}, LayerKind::shift, -1, of, 0, 0, 1, 1}));
    }
    if (n.kind == Norm::Kind::group) return n;
    const int64_t padded = (channels + 15) / 16 * 16;
    n.mean = batch_columns_, n.variance = batch_columns_ + padded;
    batch_columns_ += 2 * padded;
    if (spec_.norm == NormKind::batch_stats) return n; // nothing is kept
    n.frozen = is_frozen(spec_.frozen, name);
    add_stats({name + ".mean", {channels}, LayerKind::shift, -1, of, 0, 0, 1, 1});
    add_stats({name + ".variance", {channels}, LayerKind::scale, -1, of, 0, 0, 1, 1});
    return n;
}

int64_t Convolutional::dropout(int64_t width, double own_rate) {
    widths_.push_back(width);
    rates_.push_back(own_rate);
    return int64_t(widths_.size()) - 1;
}

at::Tensor Convolutional::logits(const Weights& w, const at::Tensor& x, Mode mode,
                                 const Dropout& dropout) const {
    return values(w, x, mode, dropout, true);
}

at::Tensor Convolutional::features(const Weights& w, const at::Tensor& x, Mode mode,
                                   const Dropout& dropout) const {
    return values(w, x, mode, dropout, false);
}

ForwardPass::Statistics Convolutional::statistics(Mode mode) const {
    if (spec_.norm == NormKind::batch_stats || mode == Mode::batch_stats)
        return ForwardPass::Statistics::batch;
    return mode == Mode::train ? ForwardPass::Statistics::batch_and_update
                               : ForwardPass::Statistics::running;
}

Convolutional::Inputs Convolutional::inputs(const Weights& w, const at::Tensor& x, Mode mode,
                                            const Dropout& dropout) const {
    Inputs in{aligned_rows(w.theta),
              checked(w, x),
              w.weight.defined() ? w.weight > 0 : at::Tensor(),
              {},
              {}};
    if (loops(in.theta))
        in.rows =
            in.theta.unbind(0); // once: each select would fill all rows with zeros on the way back
    if (mode == Mode::train && dropout) // for all replicas at once, so that what is drawn does not
                                        // depend on how they are done
        for (std::size_t place = 0; place < widths_.size(); ++place)
            in.masks.push_back(
                dropout(int64_t(place), {w.theta.size(0), x.size(-2), widths_[place]}));
    return in;
}

// [B, R * channels, rows, columns], or [B, channels, rows, columns] where all replicas share them.
at::Tensor Convolutional::images(const at::Tensor& x, int64_t replica) const {
    if (x.dim() == 2 || replica != every)
        return (x.dim() == 2 ? alone(x) : part_of(x, replica))
            .view({-1, image_.channels, image_.rows, image_.columns});
    return x.transpose(0, 1).reshape({x.size(1), -1, image_.rows, image_.columns});
}

ForwardPass Convolutional::pass(const Inputs& in, const at::Tensor& stats, int64_t replica,
                                ForwardPass::Statistics statistics,
                                std::vector<ForwardPass::LayerRecord>* seen,
                                std::vector<ForwardPass::LayerRecord>* entered) const {
    const bool all = replica == every;
    const bool by_value =
        in.theta.is_cpu() &&
        way_ != Replicas::grouped; // as groups they pass as on a device, a test's CPU too
    ForwardPass::Setting s{
        all ? in.theta.size(0) : 1, {}, {}, statistics, {}, {}, seen, entered, by_value,
        !all && in.theta.is_cpu()};
    // One cut for all layers: a slice for each would fill a row with zeros for each on the way
    // back.
    const auto cut = all ? in.theta.split_with_sizes(cuts(), 1)
                         : in.rows[std::size_t(replica)].split_with_sizes(cuts());
    s.pieces = pieces_of(cut, layers_);
    if (stats.defined()) s.stats = all ? stats : stats.narrow(0, replica, 1);
    for (const auto& mask : in.masks)
        s.masks.push_back((all ? mask.transpose(0, 1) : alone(mask.select(0, replica)))
                              .to(in.theta.scalar_type()));
    if (in.counts.defined()) s.counts = all ? in.counts : in.counts.narrow(0, replica, 1);
    return ForwardPass(std::move(s));
}

at::Tensor Convolutional::values(const Weights& w, const at::Tensor& x, Mode mode,
                                 const Dropout& dropout, bool to_logits) const {
    const auto in = inputs(w, x, mode, dropout);
    std::vector<at::Tensor> outputs;
    for (int64_t replica : parts_of(in.theta, loops(in.theta))) {
        auto each = pass(in, w.stats, replica, statistics(mode));
        auto out = body(each, images(in.x, replica));
        if (to_logits) out = head(each, out);
        if (replica == every)
            return out.view({out.size(0), each.replicas(), -1}).transpose(0, 1).contiguous();
        outputs.push_back(
            out.mul(1)); // on the way back this makes the replica's cotangent a matrix of its own
    }
    return at::stack(outputs);
}

} // namespace mneme::bench
