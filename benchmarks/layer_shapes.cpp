// SPDX-License-Identifier: Apache-2.0
// What each kind of layer takes, gives and holds.
#include <base/text.hpp>

#include "layer_planner.hpp"

namespace mneme::bench {

namespace {

using Name = LayerName;

constexpr int64_t fixed = UnitGroups::fixed;
constexpr double most_numbers = 2147483647; // of one example, at one place of the network

} // namespace

void LayerPlanner::shapes(PlannedLayer& p, Value& value) {
    const std::string& kind = p.spec.kind;
    if (kind == Name::conv) return conv(p, value);
    if (kind == Name::linear) return linear(p, value);
    if (kind == Name::norm) return norm(p, value);
    if (kind == Name::max_pool || kind == Name::mean_pool) return pool(p, value);
    if (kind == Name::dropout) return drop(p, value);
    if (kind == Name::patches) return patches(p, value);
    if (kind == Name::attention) return attention(p, value);
    if (kind == Name::flatten) value.shape = {numbers_in(value.shape)};
    if (kind != Name::first_token) return; // relu, gelu, tanh: as it comes
    want_tokens(value);
    value.shape = {value.shape[1]};
}

void LayerPlanner::want_image(const Value& v, const std::string& remedy) const {
    if (!is_image(v.shape))
        fail("kind", "is given " + in_words(v.shape) + "; expected an image: " + remedy);
}

void LayerPlanner::want_tokens(const Value& v) const {
    if (!is_tokens(v.shape))
        fail("kind", "is given " + in_words(v.shape) + "; expected tokens: put patches before it");
}

void LayerPlanner::want_size(const ExampleShape& shape) const {
    double numbers = 1;
    for (int64_t size : shape) numbers *= double(size);
    if (numbers > most_numbers)
        fail("kind", "gives " + in_words(shape) + "; expected " + base::number(most_numbers) +
                         " numbers at most");
}

int64_t LayerPlanner::window_places(const PlannedLayer& p, int64_t size) const {
    const int64_t padded = size + 2 * p.spec.padding;
    if (padded < p.spec.kernel)
        fail("kernel", "has a window of " + std::to_string(p.spec.kernel) + " over " +
                           in_words(p.in) + " with padding " + std::to_string(p.spec.padding) +
                           "; expected " + std::to_string(padded) + " at most");
    return (padded - p.spec.kernel) / p.spec.stride + 1;
}

void LayerPlanner::conv(PlannedLayer& p, Value& v) {
    want_image(v, "put it before flatten");
    const LayerSpec& s = p.spec;
    const int64_t in = v.shape[0], out = s.channels;
    if (in % s.groups != 0 || out % s.groups != 0)
        fail("groups", "has " + std::to_string(s.groups) + " groups for " + std::to_string(in) +
                           " channels that come in and " + std::to_string(out) +
                           " that go out; expected a divisor of both");
    if (s.groups > 1) groups_.fix_all();
    const int64_t rows = window_places(p, v.shape[1]), columns = window_places(p, v.shape[2]);
    const int64_t window = s.kernel * s.kernel, to = groups_.add(out);
    const Fans fans{in / s.groups * window, out * window};
    p.weight = add(p, "weight", {out, in / s.groups, s.kernel, s.kernel}, LayerKind::weight,
                   v.group, to, fans);
    if (*s.bias) p.bias = add(p, "bias", {out}, LayerKind::bias, fixed, to, fans);
    v = {{out, rows, columns}, to};
    want_size(v.shape);
    p.multiply_adds = rows * columns * out * fans.in;
}

void LayerPlanner::linear(PlannedLayer& p, Value& v) {
    if (is_image(v.shape))
        fail("kind", "is given " + in_words(v.shape) +
                         "; expected a vector or tokens: put flatten or mean_pool before it");
    const int64_t in = v.shape.back(), out = p.spec.width, to = groups_.add(out);
    const int64_t numbers = numbers_in(v.shape);
    p.weight = add(p, "weight", {out, in}, LayerKind::weight, v.group, to, {in, out});
    if (*p.spec.bias) p.bias = add(p, "bias", {out}, LayerKind::bias, fixed, to, {in, out});
    v.shape.back() = out, v.group = to;
    want_size(v.shape);
    p.multiply_adds = numbers * out;
}

void LayerPlanner::want_norm_of(const LayerSpec& s, const ExampleShape& shape) const {
    const std::string given = "is over \"" + s.over + "\" and given " + in_words(shape);
    if (s.over == NormOver::layer && is_image(shape))
        fail("over", given + "; expected over = \"group\" with groups = 1, or flatten before it");
    if (s.over != NormOver::layer && is_tokens(shape))
        fail("over", given + "; expected over = \"layer\"");
    if (s.over == NormOver::group && !is_image(shape))
        fail("over", given + "; expected an image, or over = \"layer\"");
    if (s.over != NormOver::group && s.groups > 0)
        fail("groups",
             "has groups and is over \"" + s.over + "\"; remove groups, or use over = \"group\"");
}

void LayerPlanner::norm(PlannedLayer& p, Value& v) {
    const LayerSpec& s = p.spec;
    want_norm_of(s, v.shape);
    const int64_t channels = is_tokens(v.shape) ? v.shape[1] : v.shape[0];
    if (s.over == NormOver::group && channels % s.groups != 0)
        fail("groups", "has " + std::to_string(s.groups) + " groups for " +
                           std::to_string(channels) + " channels; expected a divisor");
    if (s.over == NormOver::batch) v.group = groups_.with_units(v.group, channels);
    else groups_.fix_all();
    if (s.affine) {
        p.weight = add(p, "scale", {channels}, LayerKind::scale, fixed, v.group, {1, 1});
        p.bias = add(p, "shift", {channels}, LayerKind::shift, fixed, v.group, {1, 1});
    }
    if (s.over != NormOver::batch) return;
    p.mean = add_stats(p, "mean", channels, LayerKind::shift, v.group);
    p.variance = add_stats(p, "variance", channels, LayerKind::scale, v.group);
}

void LayerPlanner::pool(PlannedLayer& p, Value& v) const {
    const LayerSpec& s = p.spec;
    const std::string key = s.kernel > 0 ? "kernel" : s.stride > 0 ? "stride" : "padding";
    if (is_tokens(v.shape)) {
        if (s.kernel > 0 || s.stride > 0 || s.padding > 0)
            fail(key, "has a window and is given " + in_words(v.shape) +
                          "; remove kernel, stride and padding");
        v.shape = {v.shape[1]};
        return;
    }
    want_image(v, "put it before flatten");
    if (s.kernel == 0) { // the whole image
        if (s.stride > 0 || s.padding > 0)
            fail(key, "is over the whole image and has a stride or a padding; give it a kernel");
        v.shape = {v.shape[0], 1, 1};
        return;
    }
    if (2 * s.padding > s.kernel)
        fail("padding", "has padding " + std::to_string(s.padding) + " and kernel " +
                            std::to_string(s.kernel) + "; expected half of it at most");
    v.shape = {v.shape[0], window_places(p, v.shape[1]), window_places(p, v.shape[2])};
}

void LayerPlanner::drop(PlannedLayer& p, const Value& v) {
    p.place = int64_t(made_.rates.size());
    made_.rates.push_back(p.spec.rate);
    made_.widths.push_back(numbers_in(v.shape));
}

void LayerPlanner::patches(PlannedLayer& p, Value& v) {
    want_image(v, "use it first");
    groups_.fix_all();
    const int64_t size = p.spec.size, width = p.spec.width, in = v.shape[0];
    if (v.shape[1] % size != 0 || v.shape[2] % size != 0)
        fail("size", "has patches of " + std::to_string(size) + " x " + std::to_string(size) +
                         " and is given " + in_words(v.shape) +
                         "; expected a divisor of its rows and columns");
    const int64_t count = v.shape[1] / size * (v.shape[2] / size),
                  tokens = count + (p.spec.token ? 1 : 0);
    const Fans fans{in * size * size, width}, alone{width, width};
    p.weight = add(p, "weight", {width, in, size, size}, LayerKind::weight, fixed, fixed, fans);
    if (*p.spec.bias) p.bias = add(p, "bias", {width}, LayerKind::bias, fixed, fixed, fans);
    if (p.spec.token) p.token = add(p, "token", {width}, LayerKind::bias, fixed, fixed, alone);
    if (p.spec.positions)
        p.positions = add(p, "positions", {tokens, width}, LayerKind::bias, fixed, fixed, alone);
    v = {{tokens, width}, fixed};
    want_size(v.shape);
    p.multiply_adds = count * width * fans.in;
}

void LayerPlanner::attention(PlannedLayer& p, const Value& v) {
    want_tokens(v);
    groups_.fix_all();
    const int64_t tokens = v.shape[0], width = v.shape[1];
    if (width % p.spec.heads != 0)
        fail("heads", "has " + std::to_string(p.spec.heads) + " heads and is given " +
                          in_words(v.shape) + "; expected a divisor of " + std::to_string(width));
    if (double(p.spec.heads) * double(tokens) * double(tokens) > most_numbers)
        fail("kind", "lets each of " + std::to_string(tokens) +
                         " tokens attend to all in each of " + std::to_string(p.spec.heads) +
                         " heads; expected " + base::number(most_numbers) +
                         " pairs at most: use larger patches");
    const auto part = [&](const std::string& name, int64_t out, int64_t& weight, int64_t& bias) {
        const Fans fans{width, out};
        weight = add(p, name + ".weight", {out, width}, LayerKind::weight, fixed, fixed, fans);
        if (*p.spec.bias) bias = add(p, name + ".bias", {out}, LayerKind::bias, fixed, fixed, fans);
    };
    part("qkv", 3 * width, p.weight, p.bias);
    part("out", width, p.last_weight, p.last_bias);
    p.multiply_adds = 4 * tokens * width * width + 2 * tokens * tokens * width;
}

} // namespace mneme::bench
