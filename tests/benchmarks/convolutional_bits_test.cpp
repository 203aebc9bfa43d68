// SPDX-License-Identifier: Apache-2.0
// A replica of a convolutional network gives the bits of its seed alone, whatever stands beside it.
#include "torch_catch.hpp"

#include "network_support.hpp"

using namespace bench_test;

namespace {

Weights trained(const Network& net, int64_t inputs, const std::vector<int64_t>& seeds) {
    std::vector<at::Tensor> rows;
    for (int64_t seed : seeds) rows.push_back(net.initial(seed));
    Weights w{at::stack(rows),
              net.initial_stats().expand({int64_t(seeds.size()), -1}).contiguous()};
    for (uint32_t step = 0; step < 60; ++step) {
        const auto x = draw(seeds, {4, inputs}, 0, step);
        const auto target =
            at::one_hot(draw(seeds, {4}, 1, step).mul(5).to(at::kLong), 5).to(at::kFloat);
        const Dropout dropout = [&](int64_t layer, at::IntArrayRef shape) {
            return draw(seeds, {shape[1], shape[2]}, 2 + uint32_t(layer), step)
                .gt(0.2)
                .to(at::kFloat)
                .div_(0.8);
        };
        const Cotangent cotangent = [&](const at::Tensor& l) {
            return at::softmax(l, 2).sub_(target).div_(4);
        };
        if (step % 7 == 6)
            w.weight = draw(seeds, {4}, 30, step).gt(0.5).to(at::kFloat); // rows that do not count
        w.theta.sub_(net.gradient(w, x, Mode::train, dropout, cotangent), 0.1);
        w.weight.reset();
    }
    return w;
}

} // namespace

TEST_CASE("a convolutional replica's bits do not depend on its neighbours over a training run") {
    at::set_num_threads(1);
    struct Case {
        NetworkSpec spec;
        std::vector<int64_t> shape;
    };
    const std::vector<Case> cases{
        {of_kind("zenke-cnn"), {1, 9, 9}}, // 81 inputs: only the first replica's lie aligned
        {of_kind("resnet18", "batch"), {3, 9, 9}},
        {of_kind("resnet18", "group"), {1, 9, 9}},
        {of_kind("text-cnn"), {7, 5}}};
    for (const auto& c : cases) {
        INFO(c.spec.kind << " " << c.spec.norm);
        int64_t inputs = 1;
        for (int64_t size : c.shape) inputs *= size;
        const auto net = make_network(c.spec, c.shape, 5);
        const auto together = trained(*net, inputs, {1, 2, 3});
        const Cotangents directions = [](const at::Tensor& l) {
            return std::vector<at::Tensor>{at::softmax(l, 2)};
        };
        const auto x = draw({1, 2, 3}, {5, inputs}, 40, 0);
        const auto squares = net->per_sample(together, x, directions, false),
                   outputs = net->logits(together, x, Mode::eval, {});
        for (int64_t s : {0, 2}) {
            const auto alone = trained(*net, inputs, {s + 1});
            CHECK(together.theta[s].equal(alone.theta[0]));
            CHECK(together.stats[s].equal(alone.stats[0]));
            CHECK(
                outputs[s].equal(net->logits(alone, x.narrow(0, s, 1).clone(), Mode::eval, {})[0]));
            CHECK(squares[s].equal(
                net->per_sample(alone, x.narrow(0, s, 1).clone(), directions, false)[0]));
        }
        CHECK(together.theta.isfinite().all().item<bool>());
        CHECK(!together.theta[0].equal(net->initial(1)));
    }
}
