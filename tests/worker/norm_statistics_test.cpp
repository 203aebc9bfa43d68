// SPDX-License-Identifier: Apache-2.0
// Statistics of normalisation for networks that nobody trained: by hand for the first layer, and a
// line along which a network with normalisation does not change.
#include "torch_catch.hpp"

#include <cmath>
#include <memory>
#include <vector>

#include <ATen/ATen.h>
#include <benchmarks/network.hpp>
#include <benchmarks/random.hpp>

#include "worker/geometry/norm_statistics.hpp"

using namespace mneme;
using harness::estimated_statistics;

namespace {

std::unique_ptr<bench::Network> network(const std::string& norm) {
    bench::NetworkSpec spec;
    spec.kind = "resnet18", spec.nf = 4, spec.norm = norm;
    return bench::make_network(spec, {1, 8, 8}, 3);
}

at::Tensor examples(int64_t n, uint32_t which) {
    auto out = at::empty({n, 64}, at::kFloat);
    bench::normal(out.numel(), {which, 5}, {0, 0, 0}, out.data_ptr<float>());
    return out;
}

at::Tensor entries(const bench::Layer& layer, const at::Tensor& row) {
    return row.narrow(0, layer.offset, layer.numel).reshape(layer.shape);
}

double distance(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

} // namespace

TEST_CASE("statistics are the mean of the batches' means and unbiased variances") {
    const auto net = network("batch");
    const auto theta = at::stack({net->initial(1), net->initial(2)});
    const std::vector<at::Tensor> batches{examples(20, 1), examples(30, 2), examples(20, 3)};
    const auto stats = estimated_statistics(*net, theta, batches);
    REQUIRE(stats.sizes().vec() == std::vector<int64_t>{2, net->stats_columns()});
    for (int64_t r = 0; r < 2; ++r) {
        at::Tensor mean = at::zeros({4}), variance = at::zeros({4}); // of the first layer's outputs
        for (const auto& x : batches) {
            const auto out =
                at::conv2d(x.view({-1, 1, 8, 8}), entries(net->layers()[0], theta[r]), {}, 1, 1);
            mean += out.mean({0, 2, 3}) / 3;
            variance += out.var({0, 2, 3}, true) / 3;
        }
        for (const auto& layer : {net->stats_layers()[0], net->stats_layers()[1]})
            CHECK(distance(entries(layer, stats[r]),
                           layer.kind == bench::LayerKind::shift ? mean : variance) < 1e-5);
        // Each network's are its own.
        CHECK(distance(estimated_statistics(*net, theta.narrow(0, r, 1), batches)[0], stats[r]) <
              1e-6);
    }
}

TEST_CASE("on the line to a network of thrice the weights before normalisation, nothing changes") {
    const auto net = network("batch");
    const auto a = net->initial(7).unsqueeze(0);
    auto b = a.clone();
    for (const auto& layer : net->layers()) // of convolutions, whose outputs are normalised
        if (layer.shape.size() == 4) b.narrow(1, layer.offset, layer.numel).mul_(3);
    REQUIRE(distance(a, b) > 0.1);
    const auto x = examples(50, 4);
    const std::vector<at::Tensor> batches{examples(100, 5), examples(100, 6)};
    const auto logits = [&](const at::Tensor& theta, const at::Tensor& stats) {
        return net->logits({theta, stats}, x, bench::Mode::eval, {});
    };
    const auto of_a = estimated_statistics(*net, a, batches);
    for (double t : {0.25, 0.5, 1.0}) {
        const auto point = a * (1 - t) + b * t;
        CHECK(distance(logits(point, estimated_statistics(*net, point, batches)), logits(a, of_a)) <
              5e-3);
        CHECK(distance(logits(point, of_a), logits(a, of_a)) > 0.05); // by the statistics of a
    }
}

TEST_CASE("a network that keeps no statistics is given none") {
    const auto net = network("group");
    const auto stats = estimated_statistics(*net, net->initial(1).unsqueeze(0), {examples(4, 1)});
    CHECK(stats.sizes().vec() == std::vector<int64_t>{1, 0});
}
