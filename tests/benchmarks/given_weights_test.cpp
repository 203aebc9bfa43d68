// SPDX-License-Identifier: Apache-2.0
// A start from a file of weights, and layers that stay as they are: for every kind of network the
// values are those of the network that has all weights among its own, and so are the gradients of
// what is trained; running values of frozen layers stay.
#include "torch_catch.hpp"

#include "network_support.hpp"
#include "safetensors_bytes.hpp"

#include <benchmarks/layer_plan.hpp>

using namespace bench_test;

namespace {

struct Case {
    const char* name;
    NetworkSpec spec;
    std::vector<int64_t> shape;
    std::vector<std::string> frozen;
};

NetworkSpec list_of(const std::vector<LayerSpec>& layers) {
    auto spec = of_kind("layers");
    spec.layer = layers;
    return spec;
}

std::vector<Case> cases() {
    const std::vector<int64_t> picture{2, 16, 16}, text{7, 5};
    auto vit = of_kind("vit");
    vit.depth = 2, vit.width = 6, vit.heads = 2;
    LayerSpec conv, norm, pool, flat;
    conv.kind = "conv", conv.channels = 4, conv.kernel = 3;
    norm.kind = "norm", norm.over = "batch";
    pool.kind = "mean_pool", flat.kind = "flatten";
    std::vector<Case> all{
        {"mlp", hidden({6, 5, 4}), {8}, {"hidden1", "hidden2"}},
        {"mlp, a layer in the middle", hidden({6, 5, 4}), {8}, {"hidden2"}},
        {"zenke-cnn", of_kind("zenke-cnn"), picture, {"conv1", "conv2"}},
        {"text-cnn", of_kind("text-cnn"), text, {"words3", "words5"}},
        {"vit", vit, picture, {"patches", "block1"}},
        {"vit, a part of attention", vit, picture, {"block1.attention.qkv"}},
        {"layers", list_of({conv, norm, conv, norm, pool, flat}), picture, {"conv1", "norm1"}}};
    for (const char* kind : {"batch", "batch_stats", "batch_frozen", "group", "none"}) {
        all.push_back({"resnet18", of_kind("resnet18", kind), picture, {"stem", "stage1"}});
        all.push_back({"resnet18 but for its head", of_kind("resnet18", kind), picture, {"st*"}});
    }
    return all;
}

// A row [1, columns] as a file of the layers' values.
std::map<std::string, StoredFloats> tensors_in(const std::vector<Layer>& layers,
                                               const at::Tensor& row) {
    std::map<std::string, StoredFloats> found;
    for (const auto& layer : layers) {
        const auto part = row[0].narrow(0, layer.offset, layer.numel).to(at::kFloat).contiguous();
        found[layer.name] = {layer.shape,
                             {part.data_ptr<float>(), part.data_ptr<float>() + layer.numel}};
    }
    return found;
}

// The network with everything among its weights, the one with frozen layers, and weights of each.
struct Pair {
    Folder folder;
    std::unique_ptr<Network> whole, part;
    Weights whole_weights, part_weights; // of two replicas, in double

    explicit Pair(const Case& c) : whole(make_network(c.spec, c.shape, 3)) {
        const auto row = stirred(*whole, 1);
        auto tensors = tensors_in(whole->layers(), row.theta);
        tensors.merge(tensors_in(whole->stats_layers(), row.stats));
        folder.write("w.safetensors", safetensors_of(tensors));
        auto spec = c.spec;
        spec.weights = folder / "w.safetensors";
        spec.weights_sha256 = mneme::base::file_sha256(spec.weights);
        spec.frozen = c.frozen;
        part = make_network(spec, c.shape, 3);
        auto w = weights(*part, 2);
        w.theta += numbers(w.theta.sizes().vec(), 31) * 0.01;
        for (const auto& l : part->layers()) // padding is 0
            w.theta.narrow(1, l.offset + l.numel, padding_behind(l.numel)).zero_();
        part_weights = w;
        whole_weights = part->to_whole(w);
        REQUIRE(whole_weights.theta.size(1) == whole->columns());
        REQUIRE(w.theta.size(1) == part->columns());
        REQUIRE(part->columns() < whole->columns());
    }
    at::Tensor input(const Case& c) const {
        int64_t size = 1;
        for (int64_t n : c.shape) size *= n;
        return numbers({2, 6, size}, 3);
    }
};

const Cotangent some = [](const at::Tensor& l) { return numbers(l.sizes().vec(), 8); };

bool is_in(const std::vector<Layer>& layers, const std::string& name) {
    return std::any_of(layers.begin(), layers.end(),
                       [&](const Layer& layer) { return layer.name == name; });
}

} // namespace

TEST_CASE("given weights: every tensor starts with the file's values") {
    for (const auto& c : cases()) {
        INFO(c.name);
        const Pair pair(c);
        const auto from_file = pair.part->whole().initial(7), as_row = pair.part->initial(7);
        for (const auto& layer : pair.part->whole().layers()) {
            INFO(layer.name);
            CHECK(layer.frozen != is_in(pair.part->layers(), layer.name));
            const auto first = stirred(*pair.whole, 1).theta[0].to(at::kFloat);
            CHECK(from_file.narrow(0, layer.offset, layer.numel)
                      .equal(first.narrow(0, layer.offset, layer.numel)));
        }
        CHECK(pair.part->initial(1).equal(as_row)); // no seed draws any of them
        CHECK(pair.part->from_whole(pair.whole_weights).theta.equal(pair.part_weights.theta));
    }
}

TEST_CASE("given weights: values, features and gradients are those of the whole network") {
    for (const auto& c : cases()) {
        INFO(c.name);
        const Pair pair(c);
        const auto x = pair.input(c);
        const auto& [own, all] = std::pair(pair.part_weights, pair.whole_weights);
        CHECK(pair.part->logits(own, x, Mode::eval, {})
                  .equal(pair.whole->logits(all, x, Mode::eval, {})));
        CHECK(pair.part->features(own, x, Mode::eval, {})
                  .equal(pair.whole->features(all, x, Mode::eval, {})));
        const auto expect = [&](const at::Tensor& row) {
            return pair.part->from_whole({row, all.stats}).theta;
        };
        const auto gradient = pair.part->gradient(own, x, Mode::eval, {}, some);
        CHECK(distance(gradient, expect(pair.whole->gradient(all, x, Mode::eval, {}, some))) <
              1e-12);
        const Cotangents two = [](const at::Tensor& l) {
            return std::vector{numbers(l.sizes().vec(), 8), numbers(l.sizes().vec(), 9)};
        };
        for (const bool absolute : {false, true})
            CHECK(distance(pair.part->per_sample(own, x, two, absolute),
                           expect(pair.whole->per_sample(all, x, two, absolute))) < 1e-12);
        const auto inputs = pair.part->layer_inputs(own, x, Mode::eval, {});
        const auto all_inputs = pair.whole->layer_inputs(all, x, Mode::eval, {});
        std::size_t at = 0, of_all = 0;
        for (const auto& layer : pair.whole->layers()) {
            if (layer.kind != LayerKind::weight) continue;
            if (is_in(pair.part->layers(), layer.name))
                CHECK(inputs.at(at++).equal(all_inputs.at(of_all)));
            ++of_all;
        }
        CHECK(at == inputs.size());
    }
}

TEST_CASE(
    "given weights: in training frozen normalisation goes by its running values, which stay") {
    for (const auto& c : cases()) {
        INFO(c.name);
        const Pair pair(c);
        const auto x = pair.input(c);
        auto own = pair.part_weights;
        own.stats = own.stats.clone();
        const auto gradient = pair.part->gradient(own, x, Mode::train, {}, some);
        CHECK(gradient.isfinite().all().item<bool>());
        CHECK(gradient.abs().sum().item<double>() > 0);
        const auto after = pair.part->to_whole(own).stats;
        for (const auto& layer : pair.part->whole().stats_layers()) {
            INFO(layer.name);
            const auto part = [&](const at::Tensor& t) {
                return t.narrow(1, layer.offset, layer.numel);
            };
            CHECK(part(after).equal(part(pair.whole_weights.stats)) == layer.frozen);
        }
        // Alone a replica gives the same bits.
        for (int64_t s = 0; s < 2; ++s) {
            const Weights one{pair.part_weights.theta.narrow(0, s, 1),
                              pair.part_weights.stats.narrow(0, s, 1).clone()};
            const auto alone =
                pair.part->gradient(one, x.narrow(0, s, 1), Mode::train, {}, [&](const auto&) {
                    return numbers({2, 6, 3}, 8).narrow(0, s, 1);
                });
            CHECK(alone[0].equal(gradient[s]));
        }
    }
}

TEST_CASE("given weights: no gradient is recorded through frozen layers, nor lost behind them") {
    const auto all = cases();
    const Pair pair(all[4]); // vit
    auto theta = pair.part_weights.theta.clone().requires_grad_();
    const auto x = pair.input(all[4]);
    const auto out = pair.part->logits({theta, pair.part_weights.stats}, x, Mode::eval, {});
    out.backward(some(out));
    CHECK(distance(theta.grad(), pair.part->gradient(pair.part_weights, x, Mode::eval, {}, some)) <
          1e-12);
}

TEST_CASE("given weights: units that a frozen layer has are not permuted") {
    const Pair pair(cases()[0]); // hidden {6, 5, 4}; the first two layers are frozen
    CHECK(pair.part->groups() == std::vector<int64_t>{4});
    for (const auto& layer : pair.part->layers()) {
        INFO(layer.name);
        CHECK(layer.in_group == (layer.name == "head.weight" ? 0 : -1));
        CHECK(layer.out_group == (layer.name.rfind("hidden3", 0) == 0 ? 0 : -1));
    }
}

TEST_CASE("given weights: the tensors of every kind are known without LibTorch") {
    for (const auto& c : cases()) {
        INFO(c.name);
        const auto planned = tensors_of(c.spec, c.shape, 3);
        const auto net = make_network(c.spec, c.shape, 3);
        const auto names = [](const std::vector<Layer>& layers) {
            std::map<std::string, std::vector<int64_t>> shapes;
            for (const auto& layer : layers) shapes[layer.name] = layer.shape;
            return shapes;
        };
        CHECK(names(planned.tensors) == names(net->layers()));
        CHECK(names(planned.stats) == names(net->stats_layers()));
    }
}
