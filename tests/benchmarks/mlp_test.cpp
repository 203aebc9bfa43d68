// SPDX-License-Identifier: Apache-2.0
// The MLP against recording, against itself with other replicas, and against what is known of it.
#include "torch_catch.hpp"

#include "network_support.hpp"

#include <cmath>
#include <map>

#include <benchmarks/random.hpp>
#include <benchmarks/spec_json.hpp>

using namespace bench_test;

namespace {

struct Shape {
    std::vector<int64_t> widths;
    bool bias;
};
const std::vector<Shape> shapes{{{7, 5}, true}, {{7, 5}, false}, {{16}, true},
                                {{}, true},     {{}, false},     {{3, 4, 5, 6}, true}};

} // namespace

TEST_CASE("networks have the published numbers of parameters") {
    const auto count = [](const NetworkSpec& spec, int64_t in = 784, int64_t classes = 10) {
        return make_network(spec, {in}, classes)->parameters();
    };
    CHECK(count(hidden({256, 256})) == 269322);
    CHECK(count(hidden({100, 100})) == 89610);
    CHECK(count(hidden({2000, 2000})) == 5592010);
    CHECK(count(hidden({256})) == 203530);
    CHECK(count(hidden({300, 100}, false)) == 266200);
    CHECK(count(hidden({300, 100}, false), 784, 2) == 265400);
    CHECK(count(hidden({})) == 7850);
    CHECK(make_network(hidden({256, 256}), {1, 28, 28}, 10)->parameters() == 269322);
}

TEST_CASE("layers are aligned, padding is zero, first values are bounded and drawn by place") {
    const auto net = make_network(hidden({7, 5}), {6}, 3);
    const auto row = net->initial(4);
    std::vector<float> expected(std::size_t(net->columns()), 0.0f);
    uint32_t element = 0, call = 0;
    for (const auto& layer : net->layers()) {
        CHECK(layer.offset % 16 == 0);
        for (int64_t i = 0; i < layer.numel; ++i, ++element) {
            const uint32_t bits =
                philox({4, purpose("mneme/init")}, element / 4, {call, 0, 0}).v[element % 4];
            expected[std::size_t(layer.offset + i)] =
                float((2 * (double(bits >> 8) / 16777216) - 1) / std::sqrt(double(layer.fan_in)));
        }
        ++call;
    }
    CHECK(element == net->parameters());
    CHECK(net->columns() % 16 == 0);
    CHECK(std::vector<float>(row.data_ptr<float>(), row.data_ptr<float>() + row.numel()) ==
          expected);
    CHECK(!row.equal(net->initial(5)));
    const auto& names = net->layers();
    CHECK(names[0].name == "hidden1.weight");
    CHECK(names[0].shape == std::vector<int64_t>{7, 6});
    CHECK(names[5].name == "head.bias");
    CHECK(names[5].fan_in == 5);
}

TEST_CASE("glorot weights are bounded by both fans, and biases zero") {
    const auto net = make_network(hidden({40}, true, "glorot"), {60}, 10);
    const auto row = net->initial(1);
    const auto& l = net->layers();
    const auto part = [&](const Layer& layer) {
        return row.narrow(0, layer.offset, layer.numel).abs().max().item<double>();
    };
    CHECK(part(l[0]) <= std::sqrt(6.0 / 100));
    CHECK(part(l[0]) > 0.95 * std::sqrt(6.0 / 100));
    CHECK(part(l[1]) == 0);
    CHECK(part(l[2]) <= std::sqrt(6.0 / 50));
    CHECK(part(l[3]) == 0);
}

TEST_CASE("logits are the layers' sums and maxima, written out") {
    const auto net = make_network(hidden({4}), {3}, 2);
    const auto w = weights(*net, 2);
    const auto x = numbers({5, 3}, 1);
    const auto out = net->logits(w, x, Mode::eval, {}), inner = net->features(w, x, Mode::eval, {});
    const auto& l = net->layers();
    const auto theta = w.theta.accessor<double, 2>();
    double worst = 0, worst_inner = 0;
    for (int64_t s = 0; s < 2; ++s)
        for (int64_t b = 0; b < 5; ++b)
            for (int64_t c = 0; c < 2; ++c) {
                double logit = theta[s][l[3].offset + c];
                for (int64_t h = 0; h < 4; ++h) {
                    double z = theta[s][l[1].offset + h];
                    for (int64_t i = 0; i < 3; ++i)
                        z += theta[s][l[0].offset + h * 3 + i] * x[b][i].item<double>();
                    worst_inner = std::max(
                        worst_inner, std::abs(std::max(z, 0.0) - inner[s][b][h].item<double>()));
                    logit += theta[s][l[2].offset + c * 4 + h] * std::max(z, 0.0);
                }
                worst = std::max(worst, std::abs(logit - out[s][b][c].item<double>()));
            }
    CHECK(worst < 1e-14);
    CHECK(worst_inner < 1e-14);
}

TEST_CASE("the gradient by hand is the recorded one") {
    for (const auto& shape : shapes)
        for (bool shared : {true, false})
            for (bool dropping : {false, true}) {
                const auto net = make_network(hidden(shape.widths, shape.bias), {6}, 3);
                const ByRecording recorded(*net);
                const auto w = weights(*net, 3);
                const auto x = shared ? numbers({9, 6}, 2) : numbers({3, 9, 6}, 2);
                const Dropout drop = dropping ? halves(10) : Dropout{};
                const Cotangent cotangent = [](const at::Tensor& logits) {
                    return at::softmax(logits, 2).pow(2).mul(0.1);
                };
                const auto by_hand = net->gradient(w, x, Mode::train, drop, cotangent);
                CHECK(distance(by_hand, recorded.gradient(w, x, Mode::train, drop, cotangent)) <
                      1e-12);
                auto padding = at::ones({net->columns()}, at::kDouble);
                for (const auto& l : net->layers()) padding.narrow(0, l.offset, l.numel).zero_();
                CHECK((by_hand * padding).abs().sum().item<double>() == 0);
            }
}

TEST_CASE("the recorded gradient is the limit of differences") {
    const auto net = make_network(hidden({4}), {3}, 2);
    const auto w = weights(*net, 1);
    const auto x = numbers({5, 3}, 3), d = numbers({1, 5, 2}, 4);
    const auto g = net->gradient(w, x, Mode::eval, {}, [&](const at::Tensor&) { return d; });
    double worst = 0;
    for (const auto& l : net->layers())
        for (int64_t i = l.offset; i < l.offset + l.numel; ++i) {
            double value[2];
            for (int side : {0, 1}) {
                auto moved = w.theta.clone();
                moved[0][i] += side ? 1e-6 : -1e-6;
                value[side] =
                    (net->logits({moved, w.stats}, x, Mode::eval, {}) * d).sum().item<double>();
            }
            worst =
                std::max(worst, std::abs((value[1] - value[0]) / 2e-6 - g[0][i].item<double>()));
        }
    CHECK(worst < 1e-8);
}

TEST_CASE("logits and features can be recorded in the weights and in the inputs") {
    const auto net = make_network(hidden({7, 5}), {6}, 3);
    auto w = weights(*net, 2);
    const auto plain = net->logits(w, numbers({2, 4, 6}, 5), Mode::eval, {});
    auto x = numbers({2, 4, 6}, 5).requires_grad_();
    w.theta.requires_grad_();
    const auto out = net->logits(w, x, Mode::eval, {});
    CHECK(out.requires_grad());
    CHECK(out.equal(plain));
    const auto grads = torch::autograd::grad({out.square().sum()}, {w.theta, x});
    CHECK(grads[0].sizes() == w.theta.sizes());
    const auto by_hand = net->gradient({w.theta.detach(), w.stats}, x.detach(), Mode::eval, {},
                                       [](const at::Tensor& l) { return l * 2; });
    CHECK(distance(grads[0], by_hand) < 1e-12);
    CHECK(grads[1].abs().sum().item<double>() > 0);
    CHECK(net->features(w, x, Mode::eval, {}).requires_grad());
    at::AutoGradMode off(false);
    CHECK(!net->logits(w, x, Mode::eval, {}).requires_grad());
}

TEST_CASE("sums over examples of squared and absolute gradients, in one pass and one by one") {
    for (const auto& shape : shapes)
        for (bool absolute : {false, true}) {
            const auto net = make_network(hidden(shape.widths, shape.bias), {6}, 3);
            const ByRecording one_by_one(*net);
            const auto w = weights(*net, 2);
            const auto x = numbers({2, 8, 6}, 6);
            const Cotangents directions = [](const at::Tensor& l) {
                return std::vector<at::Tensor>{at::softmax(l, 2), l.square(),
                                               numbers(l.sizes().vec(), 7)};
            };
            const auto fast = net->per_sample(w, x, directions, absolute);
            CHECK(distance(fast, one_by_one.per_sample(w, x, directions, absolute)) < 1e-12);
            CHECK(fast.sum().item<double>() > 0);
            const auto shared = net->per_sample(w, x[0], directions, absolute);
            CHECK(distance(shared, one_by_one.per_sample(w, x[0], directions, absolute)) < 1e-12);
        }
    const auto net = make_network(hidden({4}), {6}, 3);
    const auto none = net->per_sample(
        weights(*net, 1), numbers({2, 6}, 1),
        [](const at::Tensor&) { return std::vector<at::Tensor>{}; }, false);
    CHECK(none.abs().sum().item<double>() == 0);
}

TEST_CASE("dropout: in training only, on every hidden layer, a mask of ones changes nothing") {
    const auto net = make_network(hidden({7, 5}), {6}, 3);
    const auto w = weights(*net, 2);
    const auto x = numbers({4, 6}, 8);
    std::map<int64_t, std::vector<int64_t>> asked;
    const Dropout ones = [&](int64_t layer, at::IntArrayRef shape) {
        asked[layer] = shape.vec();
        return at::ones(shape, at::kDouble);
    };
    const auto plain = net->logits(w, x, Mode::train, {});
    CHECK(net->logits(w, x, Mode::train, ones).equal(plain));
    CHECK(asked == std::map<int64_t, std::vector<int64_t>>{{0, {2, 4, 7}}, {1, {2, 4, 5}}});
    CHECK(net->logits(w, x, Mode::eval, halves(1)).equal(plain));
    CHECK(!net->logits(w, x, Mode::train, halves(1)).equal(plain));
    const Dropout nothing = [](int64_t, at::IntArrayRef shape) {
        return at::zeros(shape, at::kDouble);
    };
    const auto& head = net->layers().back();
    CHECK(net->logits(w, x, Mode::train, nothing)
              .equal(w.theta.narrow(1, head.offset, 3).unsqueeze(1).expand({2, 4, 3})));
}

TEST_CASE("permuting a hidden group in all layers that name it leaves the outputs as they are") {
    const auto net = make_network(hidden({7, 5}), {6}, 3);
    const auto w = weights(*net, 1);
    const auto x = numbers({4, 6}, 9);
    CHECK(net->groups() == std::vector<int64_t>{7, 5});
    auto moved = w.theta.clone();
    for (std::size_t g = 0; g < net->groups().size(); ++g) {
        const auto order = permutation(net->groups()[g], {uint32_t(g), 1}, {0, 0, 0});
        const auto index = at::tensor(order, at::kLong);
        for (const auto& l : net->layers()) {
            auto entries = moved[0].narrow(0, l.offset, l.numel).view(l.shape);
            if (l.out_group == int64_t(g)) entries.copy_(entries.index_select(0, index).clone());
            if (l.in_group == int64_t(g)) entries.copy_(entries.index_select(1, index).clone());
        }
    }
    CHECK(!moved.equal(w.theta));
    CHECK(distance(net->logits({moved, w.stats}, x, Mode::eval, {}),
                   net->logits(w, x, Mode::eval, {})) < 1e-14);
}

TEST_CASE("networks that do not fit say why") {
    const auto net = make_network(hidden({7}), {6}, 3);
    const auto w = weights(*net, 2);
    CHECK(fault_of([&] {
              net->logits(w, numbers({4, 5}, 1), Mode::eval, {});
          }) == "network: inputs of 5 numbers; expected 6");
    CHECK(fault_of([&] {
              net->logits(w, numbers({3, 4, 6}, 1), Mode::eval, {});
          }) ==
          "network: inputs for another number of replicas; expected [rows, ...] or [2, rows, ...]");
    CHECK(fault_of([&] {
              net->logits({at::zeros({2, 5}), w.stats}, numbers({4, 6}, 1), Mode::eval, {});
          }) == "network: weights of another shape; expected [replicas, 112]");
    CHECK(fault_of([] { make_network(of_kind("cnn"), {6}, 3); }) ==
          "network: kind \"cnn\" is not known; expected one of mlp, zenke-cnn, resnet18, text-cnn, "
          "linear, vit, layers");
}

TEST_CASE("mlp: a list of linear layers with ReLU gives what mlp gives, dropout included") {
    const auto list_of = [](const std::string& list) {
        NetworkSpec spec;
        spec.kind = "layers";
        spec.layer = nlohmann::json::parse(list).get<std::vector<LayerSpec>>();
        return spec;
    };
    const Cotangent some = [](const at::Tensor& l) { return numbers(l.sizes().vec(), 8); };
    const std::string layers = R"([{"kind":"flatten"},{"kind":"linear","width":7},{"kind":"relu"},)"
                               R"({"kind":"dropout","rate":0.5},{"kind":"linear","width":5},)"
                               R"({"kind":"relu"})";
    const std::vector<int64_t> shape{2, 3, 3};
    const auto own = make_network(hidden({7, 5}), shape, 4);
    const auto list = make_network(list_of(layers + "]"), shape, 4); // by the class of mlp
    const auto recorded = make_network(list_of(layers + R"(,{"kind":"flatten"}])"), shape, 4);
    CHECK(list->layers()[0].name == "linear1.weight");
    CHECK(list->dropout_rates() == std::vector<double>{0.5});
    const auto w = stirred(*own, 2);
    const auto x = numbers({2, 4, 18}, 3);
    CHECK(list->logits(w, x, Mode::eval, {}).equal(own->logits(w, x, Mode::eval, {})));
    CHECK(list->gradient(w, x, Mode::train, {}, some)
              .equal(own->gradient(w, x, Mode::train, {}, some)));
    std::vector<int64_t> places;
    const Dropout half = [&](int64_t place, at::IntArrayRef mask) {
        places.push_back(place);
        return halves(9)(place, mask);
    };
    const auto gradient = list->gradient(w, x, Mode::train, half, some);
    CHECK(places == std::vector<int64_t>{0}); // nothing is dropped behind the second ReLU
    CHECK(distance(gradient, recorded->gradient(w, x, Mode::train, halves(9), some)) < 1e-10);
    const auto one = [&](const at::Tensor& l) { return std::vector<at::Tensor>{some(l)}; };
    CHECK(distance(list->per_sample(w, x, one, false), recorded->per_sample(w, x, one, false)) <
          1e-10);
}
