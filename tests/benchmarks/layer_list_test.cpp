// SPDX-License-Identifier: Apache-2.0
// Networks as lists of layers: values against the built-in networks and against LibTorch's modules,
// gradients against finite differences and a loop, replicas against runs of their own.
#include "torch_catch.hpp"

#include "network_support.hpp"

#include <benchmarks/layer_plan.hpp>
#include <benchmarks/spec_json.hpp>

#include <map>

#include <torch/torch.h>

using namespace bench_test;

namespace {

NetworkSpec list_of(const std::string& layers) {
    NetworkSpec spec;
    spec.kind = "layers";
    spec.layer = nlohmann::json::parse(layers).get<std::vector<LayerSpec>>();
    return spec;
}

struct Case {
    const char* name;
    NetworkSpec spec;
    std::vector<int64_t> shape;
};

// Every kind of layer, each in a list that is small enough for finite differences.
std::vector<Case> cases() {
    const auto image = [](const std::string& middle) {
        return list_of(R"([{"kind":"conv","channels":4,"kernel":3,"padding":1},)" + middle +
                       R"(,{"kind":"flatten"}])");
    };
    const auto tokens = [](const std::string& middle) {
        return list_of(R"([{"kind":"patches","size":2,"width":6},)" + middle +
                       R"(,{"kind":"first_token"}])");
    };
    const std::vector<int64_t> picture{2, 4, 4}, vector{6};
    NetworkSpec vit;
    vit.kind = "vit", vit.depth = 2, vit.width = 6, vit.heads = 2, vit.patch = 2;
    return {
        {"conv", image(R"({"kind":"conv","channels":3,"kernel":3,"stride":2,"padding":1})"),
         picture},
        {"conv of one pixel", image(R"({"kind":"conv","channels":8,"kernel":1,"stride":2})"),
         picture},
        {"conv of groups",
         image(R"({"kind":"conv","channels":6,"kernel":2,"groups":2,"bias":false})"), picture},
        {"linear", list_of(R"([{"kind":"linear","width":5},{"kind":"tanh"}])"), vector},
        {"norm over batch", image(R"({"kind":"norm","over":"batch"})"), picture},
        {"norm over batch, a vector",
         list_of(R"([{"kind":"linear","width":5},{"kind":"norm","over":"batch"}])"), vector},
        {"norm over group", image(R"({"kind":"norm","over":"group","groups":2})"), picture},
        {"norm over layer",
         list_of(R"([{"kind":"linear","width":5},{"kind":"norm","over":"layer"}])"), vector},
        {"relu", image(R"({"kind":"relu"})"), picture},
        {"gelu", image(R"({"kind":"gelu"})"), picture},
        {"tanh", image(R"({"kind":"tanh"})"), picture},
        {"max_pool", image(R"({"kind":"max_pool","kernel":2})"), picture},
        {"max_pool of all", image(R"({"kind":"max_pool"})"), picture},
        {"mean_pool", image(R"({"kind":"mean_pool","kernel":3,"stride":1,"padding":1})"), picture},
        {"mean_pool of all", image(R"({"kind":"mean_pool"})"), picture},
        {"dropout", image(R"({"kind":"dropout","rate":0.5})"), picture},
        {"residual",
         image(R"({"kind":"residual","layers":[{"kind":"conv","channels":4,"kernel":3,)"
               R"("padding":1},{"kind":"tanh"}]})"),
         picture},
        {"residual with a shortcut",
         image(R"({"kind":"residual","layers":[{"kind":"conv","channels":3,"kernel":2,)"
               R"("stride":2}],"shortcut":[{"kind":"conv","channels":3,"kernel":1,"stride":2,)"
               R"("bias":false},{"kind":"norm","over":"batch"}]})"),
         picture},
        {"patches", tokens(R"({"kind":"tanh"})"), picture},
        {"patches without token and positions",
         list_of(R"([{"kind":"patches","size":2,"width":6,"token":false,"positions":false},)"
                 R"({"kind":"tanh"},{"kind":"max_pool"}])"),
         picture},
        {"attention", tokens(R"({"kind":"attention","heads":2})"), picture},
        {"tokens", tokens(R"({"kind":"norm","over":"layer"},{"kind":"linear","width":3})"),
         picture},
        {"vit", vit, picture},
    };
}

int64_t numbers_of(const std::vector<int64_t>& shape) {
    int64_t n = 1;
    for (int64_t size : shape) n *= size;
    return n;
}

const Cotangent some = [](const at::Tensor& l) { return numbers(l.sizes().vec(), 8); };

// <some, logits>, whose gradient by theta the network gives.
double value(const Network& net, const at::Tensor& theta, const Weights& w, const at::Tensor& x,
             Mode mode) {
    const auto out = net.logits({theta, w.stats.clone()}, x, mode, {});
    return (out * some(out)).sum().item<double>();
}

} // namespace

TEST_CASE("layers: every kind of layer has a case here") {
    std::string all;
    for (const auto& c : cases()) all += nlohmann::json(layer_list(c.spec, c.shape)).dump();
    for (const auto& kind : LayerName::all())
        CHECK(all.find("\"kind\":\"" + kind + "\"") != std::string::npos);
}

TEST_CASE("layers: gradients are those of finite differences, in training and at test") {
    for (const auto& c : cases())
        for (Mode mode : {Mode::train, Mode::eval}) {
            INFO(c.name << ", mode " << int(mode));
            const auto net = make_network(c.spec, c.shape, 3);
            const auto w = stirred(*net, 1);
            const auto x = numbers({1, 5, numbers_of(c.shape)}, 3);
            const auto gradient = net->gradient({w.theta, w.stats.clone()}, x, mode, {}, some);
            for (uint32_t k = 0; k < 3; ++k) { // along directions that move every weight
                auto along = numbers({1, net->columns()}, 20 + k);
                const double step = 1e-6;
                const double slope = (value(*net, w.theta + along * step, w, x, mode) -
                                      value(*net, w.theta - along * step, w, x, mode)) /
                                     (2 * step);
                const double by_gradient = (gradient * along).sum().item<double>();
                CHECK(std::abs(slope - by_gradient) < 1e-6 * (1 + std::abs(slope)));
            }
        }
}

TEST_CASE("layers: squares of single examples' gradients are those of a loop over examples") {
    for (const auto& c : cases())
        for (bool absolute : {false, true}) {
            INFO(c.name << (absolute ? ", absolute" : ", squares"));
            const auto net = make_network(c.spec, c.shape, 3);
            const auto w = stirred(*net, 2);
            const auto x = numbers({2, 18, numbers_of(c.shape)}, 4); // more than a chunk
            const auto two = [](const at::Tensor& l) {
                return std::vector<at::Tensor>{numbers(l.sizes().vec(), 8),
                                               numbers(l.sizes().vec(), 9)};
            };
            auto loop = at::zeros_like(w.theta);
            const auto directions = two(net->logits(w, x, Mode::eval, {}));
            for (int64_t n = 0; n < 18; ++n)
                for (const auto& d : directions) {
                    const auto own =
                        net->gradient(w, x.narrow(1, n, 1), Mode::eval, {},
                                      [&](const at::Tensor&) { return d.narrow(1, n, 1); });
                    loop.add_(absolute ? own.abs() : own.square());
                }
            CHECK(distance(net->per_sample(w, x, two, absolute), loop) < 1e-10);
        }
}

TEST_CASE("layers: replicas give the bits of their seeds alone, trained with dropout") {
    at::set_num_threads(1);
    for (const auto& c : cases()) {
        INFO(c.name);
        const auto net = make_network(c.spec, c.shape, 3);
        const auto trained = [&](const std::vector<int64_t>& seeds) {
            std::vector<at::Tensor> rows;
            for (int64_t seed : seeds) rows.push_back(net->initial(seed));
            const auto count = int64_t(seeds.size());
            Weights w{at::stack(rows), net->initial_stats().expand({count, -1}).contiguous()};
            for (uint32_t step = 0; step < 20; ++step) {
                const auto x = draw(seeds, {5, numbers_of(c.shape)}, 0, step);
                if (step % 5 == 4) w.weight = draw(seeds, {5}, 30, step).gt(0.4).to(at::kFloat);
                w.theta.sub_(net->gradient(
                                 w, x, Mode::train,
                                 [&](int64_t place, at::IntArrayRef shape) {
                                     return draw(seeds, {shape[1], shape[2]}, 2 + uint32_t(place),
                                                 step)
                                         .gt(0.2)
                                         .to(at::kFloat)
                                         .div_(0.8);
                                 },
                                 [](const at::Tensor& l) { return at::softmax(l, 2) - 0.3; }),
                             0.02);
                w.weight.reset();
            }
            return w;
        };
        const auto together = trained({1, 2, 3});
        CHECK(together.theta.isfinite().all().item<bool>());
        for (int64_t s : {0, 2}) {
            const auto alone = trained({s + 1});
            CHECK(together.theta[s].equal(alone.theta[0]));
            CHECK(together.stats[s].equal(alone.stats[0]));
        }
    }
}

TEST_CASE("layers: units of a group, permuted in every tensor, give the same logits") {
    auto all = cases();
    all.push_back({"norm over batch behind flatten",
                   list_of(R"([{"kind":"conv","channels":4,"kernel":1},{"kind":"flatten"},)"
                           R"({"kind":"norm","over":"batch"},{"kind":"linear","width":7}])"),
                   {2, 4, 4}});
    int64_t with_groups = 0;
    for (const auto& c : all) {
        INFO(c.name);
        const auto net = make_network(c.spec, c.shape, 3);
        const auto w = stirred(*net, 1);
        Weights permuted{w.theta.clone(), w.stats.clone()};
        const auto permute = [&](at::Tensor rows, const Layer& l) {
            auto tensor = rows[0].narrow(0, l.offset, l.numel).view(l.shape);
            for (int axis : {0, 1}) {
                const int64_t group = axis == 0 ? l.out_group : l.in_group;
                if (group < 0) continue;
                const int64_t size = net->groups()[std::size_t(group)];
                const auto order = at::argsort(numbers({size}, 50 + uint32_t(group)));
                auto shape = l.shape; // a unit is a block behind a flattening
                shape[std::size_t(axis)] = size;
                shape.insert(shape.begin() + axis + 1, l.shape[std::size_t(axis)] / size);
                const auto blocks = tensor.clone().view(shape).index_select(axis, order);
                tensor.copy_(blocks.reshape(l.shape));
            }
        };
        for (const auto& l : net->layers()) permute(permuted.theta, l);
        for (const auto& l : net->stats_layers()) permute(permuted.stats, l);
        const auto x = numbers({1, 5, numbers_of(c.shape)}, 3);
        CHECK(distance(net->logits(permuted, x, Mode::eval, {}),
                       net->logits(w, x, Mode::eval, {})) < 1e-12);
        if (net->groups().empty()) continue;
        ++with_groups;
        CHECK_FALSE(permuted.theta.equal(w.theta));
    }
    CHECK(with_groups > 10);
}

TEST_CASE("layers: mlp, zenke-cnn and resnet18 as lists have their tensors, groups and logits") {
    std::vector<Case> kinds{{"mlp", hidden({7, 5}), {2, 9, 8}},
                            {"mlp without biases", hidden({7}, false), {6}},
                            {"zenke-cnn", of_kind("zenke-cnn"), {2, 16, 16}},
                            {"resnet18", of_kind("resnet18"), {3, 32, 32}},
                            {"resnet18, small", of_kind("resnet18"), {3, 9, 8}},
                            {"resnet18, groups", of_kind("resnet18", "group"), {3, 9, 8}},
                            {"resnet18, plain", of_kind("resnet18", "none"), {3, 9, 8}},
                            {"resnet18, frozen", of_kind("resnet18", "batch_frozen"), {3, 9, 8}}};
    for (const auto& c : kinds) {
        INFO(c.name);
        const auto own = make_network(c.spec, c.shape, 4);
        NetworkSpec spec;
        spec.kind = "layers", spec.bias = c.spec.bias, spec.layer = layer_list(c.spec, c.shape);
        spec.layer.emplace_back().kind = LayerName::flatten; // a list that is not mlp's own form
        const auto list = make_network(spec, c.shape, 4);
        REQUIRE(list->layers().size() == own->layers().size());
        std::map<int64_t, int64_t> groups{{-1, -1}}; // they may be numbered in another order
        for (std::size_t l = 0; l < own->layers().size(); ++l) {
            const auto &a = list->layers()[l], &b = own->layers()[l];
            INFO(b.name);
            CHECK(a.name == b.name);
            CHECK(a.shape == b.shape);
            CHECK(a.kind == b.kind);
            CHECK(groups.emplace(a.in_group, b.in_group).first->second == b.in_group);
            CHECK(groups.emplace(a.out_group, b.out_group).first->second == b.out_group);
            CHECK(a.fan_in == b.fan_in);
        }
        REQUIRE(list->groups().size() == own->groups().size());
        for (const auto& [mine, theirs] : groups)
            if (mine >= 0)
                CHECK(list->groups()[std::size_t(mine)] == own->groups()[std::size_t(theirs)]);
        if (!own->dropout_rates().empty()) CHECK(list->dropout_rates() == own->dropout_rates());
        CHECK(list->initial(3).equal(own->initial(3)));
        const auto w = stirred(*own, 2);
        const auto x = numbers({2, 4, numbers_of(c.shape)}, 3);
        for (Mode mode : {Mode::train, Mode::eval})
            CHECK(distance(list->logits({w.theta, w.stats.clone()}, x, mode, {}),
                           own->logits({w.theta, w.stats.clone()}, x, mode, {})) < 1e-12);
        CHECK(distance(list->gradient({w.theta, w.stats.clone()}, x, Mode::train, {}, some),
                       own->gradient({w.theta, w.stats.clone()}, x, Mode::train, {}, some)) <
              1e-10);
        CHECK(distance(list->features(w, x, Mode::eval, {}), own->features(w, x, Mode::eval, {})) <
              1e-12);
        const auto ours = list->layer_inputs(w, x, Mode::eval, {}),
                   theirs = own->layer_inputs(w, x, Mode::eval, {});
        REQUIRE(ours.size() == theirs.size());
        for (std::size_t l = 0; l < ours.size(); ++l) CHECK(distance(ours[l], theirs[l]) < 1e-12);
    }
}

TEST_CASE("layers: attention is LibTorch's module with the same weights") {
    const auto spec =
        list_of(R"([{"kind":"attention","heads":3,"name":"a"},{"kind":"mean_pool"}])");
    const auto net = make_network(spec, {5, 6}, 2); // a text of 5 vectors of 6 numbers
    const auto w = weights(*net, 1, at::kFloat);
    auto module = torch::nn::MultiheadAttention(torch::nn::MultiheadAttentionOptions(6, 3));
    const auto tensor = [&](const std::string& name) {
        for (const auto& l : net->layers())
            if (l.name == name) return w.theta[0].narrow(0, l.offset, l.numel).view(l.shape);
        throw std::runtime_error("no tensor " + name);
    };
    {
        torch::NoGradGuard none;
        module->in_proj_weight.copy_(tensor("a.qkv.weight"));
        module->in_proj_bias.copy_(tensor("a.qkv.bias"));
        module->out_proj->weight.copy_(tensor("a.out.weight"));
        module->out_proj->bias.copy_(tensor("a.out.bias"));
    }
    const auto x = numbers({4, 5, 6}, 3, at::kFloat);
    const auto sequence = x.transpose(0, 1); // [tokens, B, width]
    const auto out = std::get<0>(module(sequence, sequence, sequence)).mean(0);
    CHECK(distance(net->features(w, x.flatten(1), Mode::eval, {})[0], out.detach()) < 1e-5);
}
