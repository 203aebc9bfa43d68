// SPDX-License-Identifier: Apache-2.0
// What enters each layer, on networks whose outputs follow from it; and the head's layout.
#include <mneme/layer_inputs.hpp>

#include "catch.hpp"
#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

Layout of_network(const std::string& kind) {
    Layout l{.hidden = {5, 4}, .seeds = {1, 2}, .network = kind};
    if (kind != "mlp") l.features = 192, l.image = {3, 8, 8};
    return l;
}

std::vector<Layer> weights_of(const Net& net) {
    std::vector<Layer> out;
    for (const auto& layer : net.layers())
        if (layer.kind == LayerKind::weight) out.push_back(layer);
    return out;
}

} // namespace

TEST_CASE("each layer's inputs have its fan-in; the first are x, the last the features") {
    for (const char* kind : {"mlp", "zenke-cnn", "resnet18"}) {
        INFO(kind);
        const auto l = of_network(kind);
        SessionFixture fixture(l);
        const auto& net = fixture.net();
        const auto w = net.initial();
        const auto x = tensor(numbers(2 * 3 * l.features, 4), {2, 3, l.features}, DType::float32);
        const auto inputs = layer_inputs(net, w, x);
        const auto layers = weights_of(net);
        CHECK(inputs.size() == layers.size());
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            CHECK(inputs[k].size(0) == 2);
            CHECK(inputs[k].size(1) % 3 == 0);
            CHECK(inputs[k].size(2) == layers[k].fan_in);
        }
        CHECK(inputs.back().to_vector() == net.features(w, x, Mode::eval).to_vector());
        if (l.image.empty()) CHECK(inputs.front().to_vector() == x.to_vector());
    }
}

TEST_CASE("outputs are inputs times the layer's weights: a linear layer") {
    const auto l = of_network("mlp");
    SessionFixture fixture(l);
    const auto& net = fixture.net();
    const auto w = net.initial();
    const auto x = tensor(numbers(2 * 3 * 3, 4), {2, 3, 3}, DType::float32);
    const auto inputs = layer_inputs(net, w, x);
    const auto entries = [&](const Layer& layer) {
        return w.theta.narrow(1, layer.offset, layer.numel);
    };
    const auto& layers = net.layers(); // weight, bias, weight, bias, ...
    for (std::size_t k = 0; k + 1 < inputs.size(); ++k) {
        const auto weight =
            entries(layers[2 * k]).reshape({2, layers[2 * k].shape[0], layers[2 * k].shape[1]});
        const auto out =
            inputs[k].matmul(weight.transpose(1, 2)) + entries(layers[2 * k + 1]).unsqueeze(1);
        CHECK(distance(out.relu().to_vector(), inputs[k + 1].to_vector()) < 1e-5);
    }
}

TEST_CASE("a convolution's inputs are what lies under its window, place by place") {
    const auto l = of_network("zenke-cnn"); // the first layer: 3 by 3, padding 1
    SessionFixture fixture(l);
    std::vector<double> pixels;
    for (int k = 0; k < 2 * 192; ++k) pixels.push_back(k);
    const auto x = tensor(pixels, {2, 1, 192}, DType::float32);
    const auto first = layer_inputs(fixture.net(), fixture.net().initial(), x)[0];
    CHECK(first.shape() == std::vector<int64_t>{2, 64, 27});
    const auto values = first.to_vector();
    const auto under = [&](int replica, int row, int column, int channel, int i, int j) {
        return values[static_cast<std::size_t>(
            ((replica * 64 + row * 8 + column) * 3 + channel) * 9 + i * 3 + j)];
    };
    for (int replica : {0, 1})
        for (int channel : {0, 2})
            for (int i = 0; i < 3; ++i)
                for (int j = 0; j < 3; ++j) {
                    CHECK(under(replica, 3, 5, channel, i, j) ==
                          192 * replica + 64 * channel + 8 * (3 + i - 1) + 5 + j - 1);
                    CHECK((i > 0 && j > 0) == (under(replica, 0, 0, channel, i, j) != 0 ||
                                               (replica + channel == 0 && i == 1 && j == 1)));
                }
}

TEST_CASE("replicas that share a batch have the inputs that they have alone") {
    auto l = of_network("resnet18");
    const auto numbers_of_x = numbers(4 * l.features, 8);
    std::vector<std::vector<double>> alone;
    for (int64_t seed : {1, 2}) {
        l.seeds = {seed};
        SessionFixture fixture(l);
        const auto x = tensor(numbers_of_x, {1, 4, l.features}, DType::float32);
        for (const auto& in :
             layer_inputs(fixture.net(), fixture.net().initial(), x, Mode::batch_stats))
            alone.push_back(in.to_vector());
    }
    l.seeds = {1, 2};
    SessionFixture fixture(l);
    const auto x =
        tensor(numbers_of_x, {1, 4, l.features}, DType::float32).expand({2, 4, l.features});
    const auto both = layer_inputs(fixture.net(), fixture.net().initial(), x, Mode::batch_stats);
    REQUIRE(alone.size() == 2 * both.size());
    for (std::size_t k = 0; k < both.size(); ++k)
        for (std::size_t s = 0; s < 2; ++s)
            CHECK(both[k].select(0, static_cast<int64_t>(s)).to_vector() ==
                  alone[s * both.size() + k]);
}

TEST_CASE("a class is silent when its columns of the head are 0") {
    for (const char* kind : {"mlp", "zenke-cnn", "resnet18"}) {
        const auto l = of_network(kind);
        SessionFixture fixture(l);
        const auto& net = fixture.net();
        auto w = net.initial();
        for (const auto& layer : net.head_layers()) CHECK(layer.shape[0] == net.classes());
        const auto own = net.head_columns({1});
        w.theta = w.theta.masked_fill(own, 0);
        const auto x = tensor(numbers(2 * 2 * l.features, 4), {2, 2, l.features}, DType::float32);
        const auto logits = net.logits(w, x, Mode::eval);
        CHECK(largest(logits.narrow(2, 1, 1).to_vector()) == 0);
        CHECK(largest(logits.narrow(2, 0, 1).to_vector()) > 0);
        const auto all = net.head_columns({0, 1, 2});
        CHECK(all.to_vector() == net.head_columns().to_vector());
        const auto features = net.layers().back().kind == LayerKind::bias
                                  ? net.layers()[net.layers().size() - 2].fan_in + 1
                                  : net.layers().back().fan_in;
        CHECK(own.sum().item() == static_cast<double>(features));
    }
}
