// SPDX-License-Identifier: Apache-2.0
// A replica's numbers are its own: whatever stands beside it.
#include "torch_catch.hpp"

#include "network_support.hpp"

#include <cmath>

using namespace bench_test;

TEST_CASE("a replica's bits do not depend on its neighbours over a training run") {
    at::set_num_threads(1);
    const int64_t replicas = 5, batch = 10,
                  width = 50; // 50 inputs: rows of 200 bytes, aligned for the first replica only
    for (bool recorded : {false, true}) {
        const auto mlp = make_network(hidden({33, 20}), {width}, 7);
        const ByRecording by_recording(*mlp);
        const Network& net = recorded ? static_cast<const Network&>(by_recording) : *mlp;
        const auto run = [&](const std::vector<int64_t>& seeds) {
            std::vector<at::Tensor> rows;
            for (int64_t seed : seeds) rows.push_back(mlp->initial(seed));
            Weights w{at::stack(rows), at::zeros({int64_t(seeds.size()), 0})};
            for (uint32_t step = 0; step < 60; ++step) {
                const auto x = draw(seeds, {batch, width}, 0, step);
                const auto target =
                    at::one_hot(draw(seeds, {batch}, 1, step).mul(7).to(at::kLong), 7)
                        .to(at::kFloat);
                const Dropout dropout = [&](int64_t layer, at::IntArrayRef shape) {
                    return draw(seeds, {shape[1], shape[2]}, 2 + uint32_t(layer), step)
                        .gt(0.3)
                        .to(at::kFloat)
                        .div_(0.7);
                };
                const Cotangent cotangent = [&](const at::Tensor& l) {
                    return at::softmax(l, 2).sub_(target).div_(batch);
                };
                w.theta.sub_(net.gradient(w, x, Mode::train, dropout, cotangent), 0.5);
            }
            return w.theta;
        };
        const auto together = run({1, 2, 3, 4, 5});
        for (int64_t s = 0; s < replicas; ++s) CHECK(together[s].equal(run({s + 1})[0]));
        CHECK(!together[0].isnan().any().item<bool>());
        CHECK(!together[0].equal(mlp->initial(1)));
    }
}

TEST_CASE("a replica that has diverged leaves its neighbours alone") {
    const auto net = make_network(hidden({7, 5}), {6}, 3);
    auto w = weights(*net, 3);
    const auto x = numbers({4, 6}, 9);
    const Cotangent cotangent = [](const at::Tensor& l) { return at::softmax(l, 2); };
    const auto before = net->gradient(w, x, Mode::train, {}, cotangent);
    w.theta[1].fill_(NAN);
    const auto after = net->gradient(w, x, Mode::train, {}, cotangent);
    CHECK(after[0].equal(before[0]));
    CHECK(after[2].equal(before[2]));
    CHECK(after[1].isnan().any().item<bool>());
}
