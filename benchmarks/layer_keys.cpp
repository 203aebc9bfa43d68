// SPDX-License-Identifier: Apache-2.0
// The keys of a layer of [[network.layer]], in the order in which a file shows them.
#include <benchmarks/layer_spec.hpp>

#include <algorithm>
#include <utility>

#include <base/text.hpp>

#include "key_nouns.hpp"

namespace mneme::bench {

namespace {

using Name = LayerName;

constexpr double widest = 65536, longest = 1024;

// A row under construction. A key without a fallback is required.
struct Row final : LayerKey {
    Row(const char* called, LayerField (*where)(LayerSpec&), const char* meaning)
        : LayerKey{called, where, {}, true, {}, 0, 0, "required", meaning} {}
    Row& of(Words kinds) { return owners = std::move(kinds), *this; }
    Row& within(double least, double most) { return low = least, high = most, *this; }
    Row& one_of(Words allowed) { return words = std::move(allowed), *this; }
    Row& otherwise(const char* what) { return required = false, fallback = what, *this; }
};

// The key `name` is the member `name` of a layer.
#define MNEME_LAYER_KEY(name, meaning) \
    Row(                               \
        #name, [](LayerSpec& l) -> LayerField { return &l.name; }, meaning)

} // namespace

const std::vector<LayerKey>& layer_keys() {
    static const Words pools{Name::max_pool, Name::mean_pool},
        windows{Name::conv, Name::max_pool, Name::mean_pool};
    static const std::vector<LayerKey> all{
        MNEME_LAYER_KEY(kind, "what the layer does").one_of(Name::all()),
        MNEME_LAYER_KEY(
            name, "what its tensors are called by; of a residual, what the names inside begin with")
            .otherwise("its kind and a number"),
        MNEME_LAYER_KEY(channels, "channels of its output").of({Name::conv}).within(1, widest),
        MNEME_LAYER_KEY(width, "numbers of its output, or of each token")
            .of({Name::linear, Name::patches})
            .within(1, widest),
        MNEME_LAYER_KEY(kernel, "rows and columns of the window")
            .of({Name::conv})
            .within(1, longest),
        MNEME_LAYER_KEY(kernel, "rows and columns of the window")
            .of(pools)
            .within(1, longest)
            .otherwise("the whole image, or all tokens"),
        MNEME_LAYER_KEY(stride, "from one place of the window to the next")
            .of(windows)
            .within(1, longest)
            .otherwise("1; of a pool its kernel"),
        MNEME_LAYER_KEY(padding, "rows and columns added on each side")
            .of(windows)
            .within(0, longest)
            .otherwise("0"),
        MNEME_LAYER_KEY(groups,
                        "parts of the channels that do not see one another (conv), or that "
                        "are normalised by themselves (norm over \"group\")")
            .of({Name::conv, Name::norm})
            .within(1, widest)
            .otherwise("1"),
        MNEME_LAYER_KEY(over,
                        "batch: each channel over the batch; group: each example over groups "
                        "of channels; layer: each vector over its numbers")
            .of({Name::norm})
            .one_of(NormOver::all()),
        MNEME_LAYER_KEY(affine, "whether it has a scale and a shift")
            .of({Name::norm})
            .otherwise("true"),
        MNEME_LAYER_KEY(rate, "share of its inputs that is set to 0 in training")
            .of({Name::dropout})
            .within(0, 0.99),
        MNEME_LAYER_KEY(size, "rows and columns of a patch").of({Name::patches}).within(1, longest),
        MNEME_LAYER_KEY(token, "whether a learnt token stands before those of the patches")
            .of({Name::patches})
            .otherwise("true"),
        MNEME_LAYER_KEY(positions, "whether a learnt vector is added to each token")
            .of({Name::patches})
            .otherwise("true"),
        MNEME_LAYER_KEY(heads, "parts of a token that attend by themselves")
            .of({Name::attention})
            .within(1, longest),
        MNEME_LAYER_KEY(bias, "whether it has a bias")
            .of({Name::conv, Name::linear, Name::patches, Name::attention})
            .otherwise("[network] bias"),
        MNEME_LAYER_KEY(layers, "the layers whose output is added to the shortcut's")
            .of({Name::residual}),
        MNEME_LAYER_KEY(shortcut, "layers between the input and the sum")
            .of({Name::residual})
            .otherwise("the input itself"),
    };
    return all;
}

#undef MNEME_LAYER_KEY

std::vector<const LayerKey*> keys_of_layer(const std::string& kind) {
    std::vector<const LayerKey*> found;
    for (const auto& key : layer_keys())
        if (key.owners.empty() ||
            std::find(key.owners.begin(), key.owners.end(), kind) != key.owners.end())
            found.push_back(&key);
    return found;
}

std::vector<std::string> key_names_of_layer(const std::string& kind) {
    std::vector<std::string> names;
    for (const auto* key : keys_of_layer(kind)) names.push_back(key->name);
    return names;
}

LayerSpec with_defaults(LayerSpec layer, bool bias) {
    const std::string& kind = layer.kind;
    const bool is_conv = kind == Name::conv, has_weights = is_conv || kind == Name::linear ||
                                                           kind == Name::patches ||
                                                           kind == Name::attention;
    if (has_weights && !layer.bias) layer.bias = bias;
    if (layer.stride == 0) layer.stride = is_conv ? 1 : layer.kernel; // no kernel: of no use
    if (layer.groups == 0 && (is_conv || layer.over == NormOver::group)) layer.groups = 1;
    for (auto* list : {&layer.layers, &layer.shortcut})
        for (auto& inside : *list) inside = with_defaults(std::move(inside), bias);
    return layer;
}

std::string allowed_values(const LayerKey& key) {
    if (!key.words.empty()) return "one of " + base::joined(key.words);
    LayerSpec layer;
    const std::string kind = std::visit([](auto* value) { return noun(value); }, key.field(layer));
    if (key.high == 0) return kind;
    return kind + ", " + base::number(key.low) + " to " + base::number(key.high);
}

std::string layer_summary(const std::string& kind) {
    if (kind == Name::conv) return "a convolution of an image";
    if (kind == Name::linear) return "a product with a matrix, of a vector or of each token";
    if (kind == Name::norm)
        return "normalisation, by a batch, by groups of channels, or by a vector";
    if (kind == Name::relu) return "max(x, 0)";
    if (kind == Name::gelu) return "x Phi(x), by the error function";
    if (kind == Name::tanh) return "the hyperbolic tangent";
    if (kind == Name::max_pool) return "the largest value of each window, or of all tokens";
    if (kind == Name::mean_pool) return "the mean of each window, or of all tokens";
    if (kind == Name::flatten) return "an image or tokens as one vector";
    if (kind == Name::dropout) return "in training, a share of the inputs is set to 0";
    if (kind == Name::residual) return "the output of its layers and its shortcut's, added up";
    if (kind == Name::patches) return "an image as tokens: a linear layer over each patch";
    if (kind == Name::attention) return "softmax attention of tokens to one another";
    return "the first token alone, as a vector"; // first_token
}

} // namespace mneme::bench
