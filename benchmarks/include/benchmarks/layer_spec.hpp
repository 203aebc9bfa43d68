// SPDX-License-Identifier: Apache-2.0
// A layer of [[network.layer]] as data, and the table of the keys that layers have: what reads a
// file, the JSON, the TOML and `mneme list layers` are made from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <benchmarks/words.hpp>

namespace mneme::bench {

struct LayerSpec {
    std::string kind, name;   // no name: the kind and a number
    int64_t channels = 0;     // conv: of its output
    int64_t width = 0;        // linear, patches: of its output
    int64_t kernel = 0;       // conv, max_pool, mean_pool: rows and columns of the window
    int64_t stride = 0;       // 0: conv 1, a pool its kernel
    int64_t padding = 0;      // on every side
    int64_t groups = 0;       // conv, norm "group"; 0: 1 of conv
    int64_t heads = 0;        // attention
    int64_t size = 0;         // patches: rows and columns of one
    double rate = 0;          // dropout: share that is set to 0
    std::string over;         // norm: batch, group, layer
    std::optional<bool> bias; // not set: as [network] bias says
    bool affine = true;       // norm: has scale and shift
    bool token = true;        // patches: one token more, learnt, before the others
    bool positions = true;    // patches: a learnt vector is added to each token
    std::vector<LayerSpec> layers, shortcut; // residual; no shortcut: the input itself
};

using LayerField = std::variant<std::string*, int64_t*, double*, bool*, std::optional<bool>*,
                                std::vector<LayerSpec>*>;

struct LayerKey {
    std::string name;
    LayerField (*field)(LayerSpec&);
    Words owners;         // kinds of layer that have it; empty: all
    bool required;        // in a layer of those kinds
    Words words;          // that a text may be; empty: any
    double low, high;     // of a number, both allowed
    std::string fallback; // what holds where it is not given, for people
    std::string help;
};

const std::vector<LayerKey>& layer_keys(); // in the order in which a file shows them
std::vector<const LayerKey*> keys_of_layer(const std::string& kind);
std::vector<std::string> key_names_of_layer(const std::string& kind);

struct LayerName {
    static constexpr const char *conv = "conv", *linear = "linear", *norm = "norm", *relu = "relu",
                                *gelu = "gelu", *tanh = "tanh", *max_pool = "max_pool",
                                *mean_pool = "mean_pool", *flatten = "flatten",
                                *dropout = "dropout", *residual = "residual", *patches = "patches",
                                *attention = "attention", *first_token = "first_token";
    static Words all() {
        return {conv,      linear,  norm,    relu,     gelu,    tanh,      max_pool,
                mean_pool, flatten, dropout, residual, patches, attention, first_token};
    }
};

struct NormOver {
    static constexpr const char *batch = "batch", *group = "group", *layer = "layer";
    static Words all() { return {batch, group, layer}; }
};

// The layer, and those inside it, with what holds for keys that are not given; bias is that of
// [network].
LayerSpec with_defaults(LayerSpec, bool bias);

// For people: "an integer, 1 to 65536".
std::string allowed_values(const LayerKey&);
// What a kind of layer does, in one sentence.
std::string layer_summary(const std::string& kind);

} // namespace mneme::bench
