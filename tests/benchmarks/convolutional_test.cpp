// SPDX-License-Identifier: Apache-2.0
// Convolutional networks: sizes known from the papers, values and gradients against plain calls in
// double.
#include "torch_catch.hpp"

#include "network_reference.hpp"

#include <cmath>

#include <torch/csrc/autograd/autograd.h>

using namespace bench_test;

namespace {

const Cotangent some = [](const at::Tensor& logits) {
    return at::softmax(logits, 2).pow(2).mul(0.1);
};

// Logits of each replica by the reference, and the gradient of `some`.
template <class F>
std::pair<at::Tensor, at::Tensor> by_reference(const Network& net, const NetworkSpec& spec,
                                               const at::Tensor& theta, F f) {
    at::AutoGradMode recording(true);
    std::vector<at::Tensor> logits, gradients;
    for (int64_t s = 0; s < theta.size(0); ++s) {
        const auto row = theta[s].detach().clone().requires_grad_();
        const auto out = f(Reference(net, spec, row), s);
        logits.push_back(out.detach());
        gradients.push_back(
            torch::autograd::grad({out}, {row}, {some(out.detach().unsqueeze(0))[0]})[0]);
    }
    return {at::stack(logits), at::stack(gradients)};
}

at::Tensor image(const at::Tensor& x, int64_t s, std::vector<int64_t> shape) {
    shape.insert(shape.begin(), -1);
    return (x.dim() == 3 ? x[s] : x).reshape(shape);
}

} // namespace

TEST_CASE("convolutional networks have the published numbers of parameters") {
    const std::vector<int64_t> cifar{3, 32, 32};
    auto resnet = of_kind("resnet18", "batch", 20);
    CHECK(make_network(resnet, cifar, 100)->parameters() == 1109240);
    CHECK(make_network(resnet, cifar, 100)->stats_columns() ==
          2 * (5 * 32 + 5 * 48 + 5 * 80 + 5 * 160)); // 20 norms, 16 to a line
    resnet.shortcut_affine = false;
    CHECK(make_network(resnet, cifar, 100)->parameters() == 1108680);
    CHECK(make_network(of_kind("resnet18", "batch_stats", 20), cifar, 100)->stats_columns() == 0);
    CHECK(make_network(of_kind("resnet18", "group", 20), cifar, 100)->parameters() == 1109240);
    auto bare = of_kind("resnet18", "batch_frozen", 20);
    bare.bias = false;
    CHECK(make_network(bare, cifar, 100)->parameters() ==
          1109240 - 2 * (5 * 20 + 5 * 40 + 5 * 80 + 5 * 160) - 100);
    CHECK(make_network(of_kind("resnet18", "none", 20), cifar, 100)->parameters() ==
          1109240 - 2 * (5 * 20 + 5 * 40 + 5 * 80 + 5 * 160));
    auto zenke = of_kind("zenke-cnn");
    CHECK(make_network(zenke, cifar, 10)->parameters() == 2163232 + 5130);
    CHECK(make_network(zenke, cifar, 60)->parameters() == 2163232 + 6 * 5130);
    zenke.padding = "pathint";
    CHECK(make_network(zenke, cifar, 10)->parameters() == 1245728 + 5130);
    auto text = of_kind("text-cnn");
    text.filters = 200;
    CHECK(make_network(text, {50, 300}, 15)->parameters() ==
          200 * (3 + 4 + 5) * 300 + 3 * 200 + 600 * 15 + 15);
}

TEST_CASE("first values of convolutions are bounded by the window, of norms 1 and 0") {
    const auto net = make_network(of_kind("resnet18", "batch", 8), {3, 8, 8}, 5);
    const auto row = net->initial(3);
    for (const auto& l : net->layers()) {
        CHECK(l.offset % 16 == 0);
        const auto part = row.narrow(0, l.offset, l.numel);
        if (l.kind == LayerKind::scale) CHECK(part.eq(1).all().item<bool>());
        if (l.kind == LayerKind::shift) CHECK(part.eq(0).all().item<bool>());
        if (l.kind != LayerKind::weight) continue;
        int64_t fan_in = 1;
        for (std::size_t k = 1; k < l.shape.size(); ++k) fan_in *= l.shape[k];
        CHECK(l.fan_in == fan_in);
        const double most = part.abs().max().item<double>(), bound = 1 / std::sqrt(double(fan_in));
        CHECK(most <= bound);
        CHECK(most > 0.9 * bound);
    }
    auto glorot = of_kind("zenke-cnn");
    glorot.init = "glorot";
    const auto zenke = make_network(glorot, {3, 8, 8}, 5);
    const auto& second = zenke->layers()[2]; // 32 to 32 channels
    CHECK(zenke->initial(1).narrow(0, second.offset, second.numel).abs().max().item<double>() <=
          std::sqrt(6.0 / (9 * 64)));
    CHECK(zenke->initial(1).narrow(0, zenke->layers()[3].offset, 32).abs().max().item<double>() ==
          0);
}

TEST_CASE(
    "zenke-cnn: values and gradients are those of plain calls, with either padding and with "
    "masks") {
    const Dropout dropout = halves(10);
    for (const char* padding : {"same", "pathint"})
        for (bool shared : {true, false})
            for (bool dropping : {false, true}) {
                auto spec = of_kind("zenke-cnn");
                spec.padding = padding;
                const auto net = make_network(spec, {2, 16, 16}, 5);
                const auto w = stirred(*net, 2);
                const auto x = shared ? numbers({3, 512}, 2) : numbers({2, 3, 512}, 2);
                const auto drop = dropping ? dropout : Dropout{};
                const auto [logits, gradient] =
                    by_reference(*net, spec, w.theta, [&](const Reference& r, int64_t s) {
                        std::vector<at::Tensor> masks;
                        const std::vector<int64_t> widths =
                            spec.padding == "same" ? std::vector<int64_t>{32 * 64, 64 * 16, 512}
                                                   : std::vector<int64_t>{32 * 49, 64 * 4, 512};
                        for (std::size_t k = 0; dropping && k < 3; ++k)
                            masks.push_back(dropout(int64_t(k), {2, 3, widths[k]})[s]);
                        return r.zenke(image(x, s, {2, 16, 16}), masks);
                    });
                CHECK(distance(net->logits(w, x, Mode::train, drop), logits) < 1e-12);
                CHECK(distance(net->gradient(w, x, Mode::train, drop, some), gradient) < 1e-11);
            }
}

TEST_CASE(
    "resnet18: values and gradients are those of plain calls, with every norm in every mode") {
    for (const char* norm : {"batch", "batch_stats", "batch_frozen", "group", "none"})
        for (Mode mode : {Mode::train, Mode::eval, Mode::batch_stats}) {
            INFO(norm << ", mode " << int(mode));
            const auto spec = of_kind("resnet18", norm);
            const auto net = make_network(spec, {3, 9, 8}, 5);
            const auto w = stirred(*net, 2);
            const auto x = numbers({2, 4, 3 * 72}, 3);
            const auto kept = w.stats.clone();
            const auto [logits, gradient] =
                by_reference(*net, spec, w.theta, [&](const Reference& r, int64_t s) {
                    Reference::Norms norms;
                    if (mode == Mode::eval) norms.running = running(*net, kept[s]);
                    return r.resnet(image(x, s, {3, 9, 8}), norms);
                });
            CHECK(distance(net->logits({w.theta, w.stats.clone()}, x, mode, {}), logits) < 1e-11);
            CHECK(distance(net->gradient({w.theta, w.stats.clone()}, x, mode, {}, some), gradient) <
                  1e-9);
            CHECK(distance(net->logits(w, x[0], Mode::batch_stats, {})[0],
                           net->logits(w, x, Mode::batch_stats, {})[0]) ==
                  0); // inputs that replicas share
        }
}

TEST_CASE("resnet18: pools 4x4, so a larger image has several features a channel") {
    const auto spec = of_kind("resnet18", "none");
    CHECK(make_network(spec, {3, 64, 64}, 5)->layers().back().numel == 5);
    CHECK(make_network(spec, {3, 64, 64}, 5)->layers().rbegin()[1].shape ==
          std::vector<int64_t>{5, 32 * 4});
    CHECK(make_network(spec, {3, 32, 32}, 5)->layers().rbegin()[1].shape ==
          std::vector<int64_t>{5, 32});
    const auto net = make_network(spec, {1, 28, 28}, 5);
    CHECK(net->features(weights(*net, 2), numbers({3, 784}, 1), Mode::eval, {}).sizes() ==
          at::IntArrayRef({2, 3, 32}));
}

TEST_CASE("text-cnn: values and gradients are those of plain calls") {
    const auto spec = of_kind("text-cnn");
    const auto net = make_network(spec, {7, 5}, 4);
    const auto w = stirred(*net, 2);
    const auto x = numbers({2, 3, 35}, 4);
    const auto [logits, gradient] =
        by_reference(*net, spec, w.theta, [&](const Reference& r, int64_t s) {
            return r.text(x[s].view({3, 7, 5}));
        });
    CHECK(distance(net->logits(w, x, Mode::eval, {}), logits) < 1e-12);
    CHECK(distance(net->gradient(w, x, Mode::train, {}, some), gradient) < 1e-12);
    CHECK(net->features(w, x, Mode::eval, {}).sizes() == at::IntArrayRef({2, 3, 18}));
}

TEST_CASE(
    "convolutional networks: squares and sizes of single examples' gradients are those of one "
    "example a replica") {
    struct Case {
        NetworkSpec spec;
        std::vector<int64_t> shape;
    };
    const std::vector<Case> cases{{of_kind("zenke-cnn"), {2, 8, 8}},
                                  {of_kind("resnet18", "batch"), {3, 9, 8}},
                                  {of_kind("resnet18", "group"), {3, 9, 8}},
                                  {of_kind("resnet18", "none"), {3, 9, 8}},
                                  {of_kind("text-cnn"), {7, 5}}};
    for (const auto& c : cases)
        for (bool absolute : {false, true}) {
            INFO(c.spec.kind << " " << c.spec.norm);
            const auto net = make_network(c.spec, c.shape, 3);
            int64_t inputs = 1;
            for (int64_t size : c.shape) inputs *= size;
            const ByRecording one_by_one(*net);
            const auto w = stirred(*net, 2);
            auto x = numbers({2, 18, inputs}, 6); // more than one chunk
            if (c.spec.kind == "text-cnn")
                x.narrow(2, 10, inputs - 10)
                    .zero_(); // padding: a filter's largest value at several places
            const Cotangents directions = [](const at::Tensor& l) {
                return std::vector<at::Tensor>{at::softmax(l, 2), at::zeros_like(l), l.square()};
            };
            const auto fast = net->per_sample(w, x, directions, absolute);
            CHECK(distance(fast, one_by_one.per_sample(w, x, directions, absolute)) < 1e-11);
            CHECK(distance(net->per_sample(w, x[1], directions, absolute)[1], fast[1]) < 1e-13);
        }
}

TEST_CASE(
    "norm batch_stats: gradients of single examples hold the statistics of the whole batch "
    "constant") {
    const auto spec = of_kind("resnet18", "batch_stats");
    const auto net = make_network(spec, {3, 9, 8}, 3);
    const auto kept = make_network(of_kind("resnet18", "batch"), {3, 9, 8}, 3);
    const auto w = stirred(*net, 1);
    const auto x = numbers({1, 5, 216}, 6);
    auto held = weights(*kept, 1);
    Reference::Norms norms;
    Reference(*net, spec, w.theta[0]).resnet(x[0].view({-1, 3, 9, 8}), norms);
    for (auto& [name, values] : running(*kept, held.stats[0])) {
        values.first.copy_(norms.seen.at(name).first);
        values.second.copy_(norms.seen.at(name).second);
    }
    const Cotangents directions = [](const at::Tensor& l) {
        return std::vector<at::Tensor>{at::softmax(l, 2)};
    };
    CHECK(distance(net->per_sample(w, x, directions, false),
                   ByRecording(*kept).per_sample({w.theta, held.stats}, x, directions, false)) <
          1e-10);
}

TEST_CASE("classes whose logits do not count are not touched, bit for bit") {
    for (const auto& spec : {of_kind("resnet18"), of_kind("zenke-cnn")}) {
        const auto net = make_network(spec, {1, 8, 8}, 6);
        const auto w = weights(*net, 2, at::kFloat);
        const auto g = net->gradient(w, numbers({2, 4, 64}, 3, at::kFloat), Mode::train, {},
                                     [](const at::Tensor& l) {
                                         auto d = at::softmax(l, 2);
                                         d.narrow(2, 2, 4).zero_();
                                         return d;
                                     });
        const auto& layers = net->layers();
        for (const auto* l : {&layers[layers.size() - 2], &layers.back()}) {
            const auto rows = g.narrow(1, l->offset, l->numel).reshape({2, 6, -1});
            CHECK(rows.narrow(1, 2, 4).eq(0).all().item<bool>());
            CHECK(rows.narrow(1, 0, 2).ne(0).any().item<bool>());
        }
    }
}

TEST_CASE("convolutional networks say what they cannot work on") {
    CHECK(fault_of([] { make_network(of_kind("resnet18"), {784}, 3); }) ==
          "network: resnet18 is given examples that are not images; expected a stream of images");
    CHECK(fault_of([] {
              make_network(of_kind("zenke-cnn"), {1, 3, 3}, 3);
          }) == "network: zenke-cnn is given images of 3 x 3; expected 16 x 16 or more");
    CHECK(fault_of([] {
              make_network(of_kind("text-cnn"), {4, 3}, 3);
          }) == "network: text-cnn is given texts of 4 words; expected 5 or more");
    const auto net = make_network(of_kind("resnet18"), {1, 8, 8}, 3);
    const auto w = weights(*net, 2);
    CHECK(fault_of([&] {
              net->logits({w.theta, at::zeros({2, 0})}, numbers({4, 64}, 1), Mode::eval, {});
          }) == "network: running statistics of another shape; expected [2, " +
                    std::to_string(net->stats_columns()) + "], a row for each row of weights");
}
