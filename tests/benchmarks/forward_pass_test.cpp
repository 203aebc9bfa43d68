// SPDX-License-Identifier: Apache-2.0
// Running statistics, rows that do not count, dropout, and orders of channels.
#include "torch_catch.hpp"

#include "network_reference.hpp"

#include <map>

using namespace bench_test;

namespace {

const std::vector<int64_t> shape{3, 9, 8};

} // namespace

TEST_CASE("batch norm: running values after two steps, by hand") {
    for (const char* norm : {"batch", "batch_frozen"}) {
        const auto spec = of_kind("resnet18", norm);
        const auto net = make_network(spec, shape, 5);
        const auto w = weights(*net, 2);
        std::vector<std::map<std::string, std::pair<at::Tensor, at::Tensor>>> expected{
            running(*net, w.stats[0].clone()), running(*net, w.stats[1].clone())};
        for (uint32_t step : {1u, 2u}) {
            const auto x = numbers({2, 4, 216}, step);
            for (int64_t s = 0; s < 2; ++s) {
                Reference::Norms norms;
                Reference(*net, spec, w.theta[s]).resnet(x[s].view({-1, 3, 9, 8}), norms);
                int64_t positions = 72;
                for (auto& [name, values] : expected[std::size_t(s)]) {
                    if (name.rfind("stage", 0) == 0) {
                        const int64_t stage = name[5] - '0';
                        const int64_t maps[] = {72, 20, 6, 2}; // 9x8, 5x4, 3x2, 2x1
                        positions = maps[stage - 1];
                    } else positions = 72;
                    const double n = double(4 * positions);
                    values.first = 0.9 * values.first + 0.1 * norms.seen.at(name).first;
                    values.second =
                        0.9 * values.second + 0.1 * norms.seen.at(name).second * n / (n - 1);
                }
            }
            net->gradient(w, x, Mode::train, {}, [](const at::Tensor& l) { return l; });
        }
        for (std::size_t s = 0; s < 2; ++s)
            for (const auto& [name, values] : running(*net, w.stats[int64_t(s)])) {
                CHECK(distance(values.first, expected[s].at(name).first) < 1e-12);
                CHECK(distance(values.second, expected[s].at(name).second) < 1e-12);
            }
    }
}

TEST_CASE("batch norm: evaluation has the values of a pass that is recorded") {
    // Without recording, a norm by running values is part of its convolution.
    for (const char* norm : {"batch", "batch_frozen"})
        for (const bool affine : {true, false}) {
            auto spec = of_kind("resnet18", norm);
            spec.shortcut_affine = affine;
            const auto net = make_network(spec, shape, 5);
            const auto w = stirred(*net, 2);
            const auto x = numbers({2, 4, 216}, 1);
            const auto folded = net->logits(w, x, Mode::eval, {});
            const Weights recorded{w.theta.detach().clone().requires_grad_(), w.stats};
            const auto plain = net->logits(recorded, x, Mode::eval, {});
            CHECK(plain.requires_grad());
            CHECK(!folded.requires_grad());
            CHECK(distance(folded, plain.detach()) < 1e-12);
            CHECK(distance(folded, net->logits(w, x, Mode::batch_stats, {})) > 1e-3);
        }
}

TEST_CASE("batch norm: only training touches running values, and only evaluation reads them") {
    const auto net = make_network(of_kind("resnet18"), shape, 5);
    const auto w = stirred(*net, 2);
    const auto x = numbers({2, 4, 216}, 1);
    const auto before = w.stats.clone();
    const auto at_test = net->logits(w, x, Mode::eval, {}),
               by_batch = net->logits(w, x, Mode::batch_stats, {});
    net->gradient(w, x, Mode::batch_stats, {}, [](const at::Tensor& l) { return l; });
    net->per_sample(
        w, x, [](const at::Tensor& l) { return std::vector<at::Tensor>{l}; }, false);
    CHECK(w.stats.equal(before));
    CHECK(distance(at_test, by_batch) > 1e-3);
    const auto training = net->logits(w, x, Mode::train, {});
    CHECK(distance(training, by_batch) < 1e-14);
    CHECK(!w.stats.equal(before));
    CHECK(!net->logits(w, x, Mode::eval, {}).equal(at_test));
    CHECK(net->logits(w, x, Mode::batch_stats, {}).equal(by_batch));
}

TEST_CASE("batch norm: rows of weight 0 are left out, as if they were not there") {
    const auto net = make_network(of_kind("resnet18"), shape, 5);
    const auto w = stirred(*net, 2);
    const auto x = numbers({2, 6, 216}, 1);
    auto weight = at::ones({2, 6});
    weight[0][4] = 0, weight[0][5] = 0; // the first replica has four rows, the second six
    Weights counted{w.theta, w.stats.clone(), weight},
        four{w.theta.narrow(0, 0, 1), w.stats.narrow(0, 0, 1).clone()},
        all{w.theta, w.stats.clone()};
    const auto out = net->logits(counted, x, Mode::train, {});
    const auto of_four = net->logits(four, x.narrow(0, 0, 1).narrow(1, 0, 4), Mode::train, {}),
               of_all = net->logits(all, x, Mode::train, {});
    CHECK(distance(out[0].narrow(0, 0, 4), of_four[0]) < 1e-12);
    CHECK(distance(counted.stats[0], four.stats[0]) < 1e-12);
    CHECK(out[1].equal(of_all[1]));
    CHECK(counted.stats[1].equal(all.stats[1]));
    const auto d = [&](const at::Tensor& l) { return at::softmax(l, 2) * weight.unsqueeze(2); };
    CHECK(distance(net->gradient(counted, x, Mode::train, {}, d)[0],
                   net->gradient(four, x.narrow(0, 0, 1).narrow(1, 0, 4), Mode::train, {},
                                 [](const at::Tensor& l) { return at::softmax(l, 2); })[0]) < 1e-9);

    Weights none{w.theta.to(at::kFloat), w.stats.to(at::kFloat), at::zeros({2, 6})};
    const auto kept = none.stats.clone();
    CHECK(net->logits(none, x.to(at::kFloat), Mode::train, {}).isfinite().all().item<bool>());
    CHECK(none.stats.equal(kept));
}

TEST_CASE("batch norm: a batch of one row and one position leaves finite running values") {
    const auto net = make_network(of_kind("resnet18"), {1, 4, 4}, 3);
    const auto w = weights(*net, 1, at::kFloat);
    CHECK(net->logits(w, numbers({1, 16}, 1, at::kFloat), Mode::train, {})
              .isfinite()
              .all()
              .item<bool>());
    CHECK(w.stats.isfinite().all().item<bool>());
    CHECK(!w.stats.equal(weights(*net, 1, at::kFloat).stats));
}

TEST_CASE("few channels into a 1 x 1 convolution with a stride: in float32 as in double") {
    const auto net =
        make_network(of_kind("resnet18", "none"), {1, 28, 28}, 5); // 4 channels at first
    const auto w = weights(*net, 1);
    const auto x = numbers({1, 10, 784}, 1);
    const auto d = [](const at::Tensor& l) { return at::softmax(l, 2); };
    const auto exact = net->gradient(w, x, Mode::train, {}, d);
    for (int turn = 0; turn < 5; ++turn) { // damage to the heap shows a little later
        Weights rounded{w.theta.to(at::kFloat), w.stats.to(at::kFloat)};
        const auto got = net->gradient(rounded, x.to(at::kFloat), Mode::train, {}, d);
        CHECK(distance(got.to(at::kDouble), exact) < 1e-3 * exact.abs().max().item<double>());
    }
}

TEST_CASE(
    "convolutional dropout: in training only, each place asked once for all replicas, rates of its "
    "own") {
    const auto zenke = make_network(of_kind("zenke-cnn"), {2, 8, 8}, 3);
    CHECK(zenke->dropout_rates() == std::vector<double>{0.25, 0.25, 0.5});
    auto silent = of_kind("zenke-cnn");
    silent.dropout = false;
    CHECK(make_network(silent, {2, 8, 8}, 3)->dropout_rates() == std::vector<double>{0, 0, 0});
    const auto w = weights(*zenke, 2);
    const auto x = numbers({4, 128}, 8);
    std::map<int64_t, std::vector<int64_t>> asked;
    const Dropout ones = [&](int64_t layer, at::IntArrayRef sizes) {
        CHECK(!asked.count(layer));
        asked[layer] = sizes.vec();
        return at::ones(sizes);
    };
    const auto plain = zenke->logits(w, x, Mode::eval, {});
    CHECK(zenke->logits(w, x, Mode::train, ones).equal(plain));
    CHECK(asked == std::map<int64_t, std::vector<int64_t>>{
                       {0, {2, 4, 512}}, {1, {2, 4, 256}}, {2, {2, 4, 512}}});
    CHECK(zenke->logits(w, x, Mode::eval, halves(1)).equal(plain));
    CHECK(!zenke->logits(w, x, Mode::train, halves(1)).equal(plain));

    const auto resnet = make_network(of_kind("resnet18", "none"), {2, 8, 8}, 3);
    CHECK(resnet->dropout_rates() == std::vector<double>(17, 0.0));
    int64_t count = 0;
    resnet->logits(weights(*resnet, 1), x, Mode::train,
                   [&](int64_t, at::IntArrayRef sizes) { return ++count, at::ones(sizes); });
    CHECK(count == 17);
}

TEST_CASE("permuting a group of channels wherever it is named leaves the outputs as they are") {
    struct Case {
        NetworkSpec spec;
        std::vector<int64_t> shape, groups;
    };
    const std::vector<int64_t> of_resnet{
        4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32}; // each stage: one shared, one inside each block
    const std::vector<Case> cases{
        {of_kind("zenke-cnn"), {2, 8, 8}, {32, 32, 64, 64, 512}},
        {of_kind("resnet18", "batch"), {3, 9, 8}, of_resnet},
        {of_kind("resnet18", "batch_stats"), {3, 9, 8}, of_resnet},
        {of_kind("resnet18", "none"), {3, 64, 32}, of_resnet}}; // two features a channel
    for (const auto& c : cases) {
        INFO(c.spec.kind << " " << c.spec.norm);
        const auto net = make_network(c.spec, c.shape, 3);
        auto sorted = net->groups();
        std::sort(sorted.begin(), sorted.end());
        CHECK(sorted == c.groups);
        int64_t inputs = 1;
        for (int64_t size : c.shape) inputs *= size;
        const auto x = numbers({3, inputs}, 5);
        const auto w = stirred(*net, 1);
        const auto plain = net->logits(w, x, Mode::eval, {});
        Weights moved{w.theta.clone(), w.stats.clone()};
        for (std::size_t g = 0; g < net->groups().size(); ++g) {
            const int64_t size = net->groups()[g];
            const auto index =
                at::tensor(permutation(size, {uint32_t(g), 1}, {0, 0, 0}), at::kLong);
            const auto turn = [&](const std::vector<Layer>& layers, at::Tensor row) {
                for (const auto& l : layers) {
                    auto part = row.narrow(0, l.offset, l.numel);
                    if (l.out_group == int64_t(g)) {
                        auto rows = part.view({size, -1});
                        rows.copy_(rows.index_select(0, index).clone());
                    }
                    if (l.in_group == int64_t(g)) { // blocks of columns, or of windows
                        auto blocks = part.view({l.shape[0], size, -1});
                        blocks.copy_(blocks.index_select(1, index).clone());
                    }
                }
            };
            const auto before = moved.theta.clone();
            turn(net->layers(), moved.theta[0]);
            turn(net->stats_layers(), moved.stats[0]);
            CHECK(!moved.theta.equal(before));
            CHECK(distance(net->logits(moved, x, Mode::eval, {}), plain) < 1e-11);
        }
    }
    CHECK(make_network(of_kind("resnet18", "group"), {3, 9, 8}, 3)->groups().empty());
}
