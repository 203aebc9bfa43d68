// SPDX-License-Identifier: Apache-2.0
// The named kinds of networks as lists of layers. Of mlp, zenke-cnn and resnet18 they are what
// their own classes compute, layer by layer and name by name.
#include <benchmarks/layer_plan.hpp>

#include "name_pattern.hpp"

namespace mneme::bench {

namespace {

using Name = LayerName;
using List = std::vector<LayerSpec>;

LayerSpec layer(const std::string& kind, const std::string& name = "") {
    LayerSpec l;
    l.kind = kind, l.name = name;
    return l;
}
LayerSpec linear(const std::string& name, int64_t width) {
    auto l = layer(Name::linear, name);
    l.width = width;
    return l;
}
LayerSpec conv(const std::string& name, int64_t channels, int64_t kernel, int64_t stride,
               int64_t padding) {
    auto l = layer(Name::conv, name);
    l.channels = channels, l.kernel = kernel, l.stride = stride, l.padding = padding;
    return l;
}
LayerSpec dropout(double rate) {
    auto l = layer(Name::dropout);
    l.rate = rate;
    return l;
}
LayerSpec pool(const std::string& kind, int64_t kernel, int64_t stride = 0, int64_t padding = 0) {
    auto l = layer(kind);
    l.kernel = kernel, l.stride = stride, l.padding = padding;
    return l;
}
LayerSpec norm(const std::string& name, const std::string& over) {
    auto l = layer(Name::norm, name);
    l.over = over;
    return l;
}
LayerSpec residual(const std::string& name, List layers, List shortcut = {}) {
    auto l = layer(Name::residual, name);
    l.layers = std::move(layers), l.shortcut = std::move(shortcut);
    return l;
}

List mlp(const NetworkSpec& spec, const ExampleShape& input) {
    List list;
    if (input.size() > 1) list.push_back(layer(Name::flatten));
    for (std::size_t l = 0; l < spec.hidden.size(); ++l) {
        list.push_back(linear("hidden" + std::to_string(l + 1), spec.hidden[l]));
        list.push_back(layer(Name::relu));
        list.push_back(dropout(0));
    }
    return list;
}

List zenke(const NetworkSpec& spec) {
    List list;
    const double share = spec.dropout ? 1 : 0;
    for (int64_t k = 0; k < 4; ++k) {
        const int64_t padding = spec.padding == PaddingKind::same || k % 2 == 0;
        list.push_back(conv("conv" + std::to_string(k + 1), k < 2 ? 32 : 64, 3, 1, padding));
        list.push_back(layer(Name::relu));
        if (k % 2 == 0) continue;
        list.push_back(pool(Name::max_pool, 2));
        list.push_back(dropout(share * 0.25));
    }
    list.push_back(layer(Name::flatten));
    list.push_back(linear("hidden", 512));
    list.push_back(layer(Name::relu));
    list.push_back(dropout(share * 0.5));
    return list;
}

class ResNet final {
  public:
    explicit ResNet(const NetworkSpec& spec) : spec_(spec) {}

    List list(int64_t rows, int64_t columns) const {
        List list{of(conv("stem", spec_.nf, 3, 1, 1))};
        add_norm(list, "stem.norm", true);
        list.push_back(layer(Name::relu));
        list.push_back(dropout(0));
        for (int64_t stage = 0; stage < 4; ++stage)
            for (int64_t k = 0; k < 2; ++k) {
                const int64_t stride = stage > 0 && k == 0 ? 2 : 1;
                rows = (rows - 1) / stride + 1, columns = (columns - 1) / stride + 1;
                list.push_back(
                    block("stage" + std::to_string(stage + 1) + ".block" + std::to_string(k + 1),
                          spec_.nf << stage, stride));
                list.push_back(layer(Name::relu));
                list.push_back(dropout(0));
            }
        list.push_back(pool(Name::mean_pool, rows >= 4 && columns >= 4 ? 4 : 0));
        list.push_back(layer(Name::flatten));
        return list;
    }

  private:
    static LayerSpec of(LayerSpec conv) {
        conv.bias = false;
        return conv;
    }
    void add_norm(List& list, const std::string& name, bool affine) const {
        if (spec_.norm == NormKind::none) return;
        const bool group = spec_.norm == NormKind::group;
        auto l = norm(name, group ? NormOver::group : NormOver::batch);
        l.affine = affine && spec_.norm != NormKind::batch_frozen;
        if (group) l.groups = 4;
        list.push_back(std::move(l));
    }
    LayerSpec block(const std::string& name, int64_t channels, int64_t stride) const {
        List inside{of(conv("conv1", channels, 3, stride, 1))}, shortcut;
        add_norm(inside, "norm1", true);
        inside.push_back(layer(Name::relu));
        inside.push_back(dropout(0));
        inside.push_back(of(conv("conv2", channels, 3, 1, 1)));
        add_norm(inside, "norm2", true);
        if (stride != 1) {
            shortcut.push_back(of(conv("shortcut", channels, 1, stride, 0)));
            add_norm(shortcut, "shortcut.norm", spec_.shortcut_affine);
        }
        return residual(name, std::move(inside), std::move(shortcut));
    }

    const NetworkSpec& spec_;
};

// Dosovitskiy et al. 2021, arXiv:2010.11929: normalised before each part (section 3.1), a hidden
// layer of 4 width, the first token to the head.
List vit(const NetworkSpec& spec) {
    auto patches = layer(Name::patches, "patches");
    patches.size = spec.patch, patches.width = spec.width;
    auto attention = layer(Name::attention, "attention");
    attention.heads = spec.heads;
    List list{patches, dropout(0)};
    for (int64_t d = 0; d < spec.depth; ++d) {
        const std::string name = "block" + std::to_string(d + 1);
        list.push_back(residual(name, {norm("norm1", NormOver::layer), attention, dropout(0)}));
        list.push_back(
            residual(name, {norm("norm2", NormOver::layer), linear("hidden", 4 * spec.width),
                            layer(Name::gelu), dropout(0), linear("out", spec.width), dropout(0)}));
    }
    list.push_back(norm("norm", NormOver::layer));
    list.push_back(layer(Name::first_token));
    return list;
}

} // namespace

namespace {

// Those of text_cnn.cpp: the head's columns belong to three convolutions.
std::vector<Layer> text_cnn(const NetworkSpec& spec, const ExampleShape& input, int64_t classes) {
    if (input.size() != 2)
        throw LayerFault("network.kind", "network " + spec.kind + " is given " + in_words(input) +
                                             "; expected a stream of texts");
    std::vector<Layer> tensors;
    const auto add = [&](const std::string& name, std::vector<int64_t> weight) {
        const std::vector<int64_t> bias{weight[0]};
        tensors.push_back({name + ".weight", std::move(weight), LayerKind::weight});
        if (spec.bias) tensors.push_back({name + ".bias", bias, LayerKind::bias});
    };
    for (const int64_t words : {3, 4, 5})
        add("words" + std::to_string(words), {spec.filters, 1, words, input[1]});
    add("head", {classes, 3 * spec.filters});
    for (auto& tensor : tensors) tensor.frozen = is_frozen(spec.frozen, layer_of(tensor.name));
    return tensors;
}

} // namespace

NetworkTensors tensors_of(const NetworkSpec& spec, const ExampleShape& input, int64_t classes) {
    if (spec.kind == NetworkName::text_cnn) return {text_cnn(spec, input, classes), {}};
    if (has_layer_list(spec)) {
        auto plan = plan_network(spec, input, classes);
        return {std::move(plan.tensors), std::move(plan.stats)};
    }
    NetworkSpec keeping = spec; // as resnet18 with norm "batch", but for running values
    keeping.norm = NormKind::batch;
    return {plan_network(keeping, input, classes).tensors, {}};
}

bool has_layer_list(const NetworkSpec& spec) {
    return spec.kind != NetworkName::text_cnn &&
           !(spec.kind == NetworkName::resnet18 && spec.norm == NormKind::batch_stats);
}

std::vector<LayerSpec> layer_list(const NetworkSpec& spec, const ExampleShape& input) {
    const bool image = input.size() == 3;
    if (spec.kind == NetworkName::layers) return spec.layer;
    if (spec.kind == NetworkName::mlp || spec.kind == NetworkName::linear) return mlp(spec, input);
    if (!image)
        throw LayerFault("network.kind", "network " + spec.kind + " is given " + in_words(input) +
                                             "; expected a stream of images");
    if (spec.kind == NetworkName::zenke_cnn) return zenke(spec);
    if (spec.kind == NetworkName::resnet18) return ResNet(spec).list(input[1], input[2]);
    if (spec.kind == NetworkName::vit) return vit(spec);
    throw LayerFault("network.kind", "network " + spec.kind + " is not a list of layers");
}

} // namespace mneme::bench
