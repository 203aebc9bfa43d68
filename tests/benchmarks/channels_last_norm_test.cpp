// SPDX-License-Identifier: Apache-2.0
// LibTorch's batch normalisation in float64 is the reference.
#include "channels_last_norm.hpp"
#include "torch_catch.hpp"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>

#include "network_support.hpp"

using namespace bench_test;

namespace {

constexpr double eps = 1e-5;

struct Input {
    at::Tensor a, scale, shift, d;
};

Input input(std::vector<int64_t> shape, bool affine = true) {
    at::manual_seed(shape[0] * 100 + shape[1]);
    const auto lie = [](const at::Tensor& t) {
        return t.contiguous(at::MemoryFormat::ChannelsLast);
    };
    Input in{lie(at::randn(shape) * 2 + 3), {}, {}, lie(at::randn(shape))};
    if (affine) in.scale = at::rand({shape[1]}) + 0.5, in.shift = at::randn({shape[1]});
    return in;
}

// What is asked of both: the values, and the gradients of sum(d * values).
std::vector<at::Tensor> passed(const Input& in, at::ScalarType type,
                               const std::function<at::Tensor(const Input&)>& norm) {
    const auto leaf = [&](const at::Tensor& t) {
        return t.defined() ? t.detach().to(type).requires_grad_() : t;
    };
    const Input own{leaf(in.a), leaf(in.scale), leaf(in.shift), in.d.to(type)};
    const auto y = norm(own);
    std::vector<at::Tensor> of{own.a};
    if (own.scale.defined()) of.insert(of.end(), {own.scale, own.shift});
    auto out = torch::autograd::grad({y}, of, {own.d});
    out.insert(out.begin(), y.detach());
    return out;
}

at::Tensor ours(const Input& in) { return channels_last_norm(in.a, in.scale, in.shift, {}, {}); }
at::Tensor theirs(const Input& in) {
    return at::batch_norm(in.a, in.scale, in.shift, {}, {}, true, 0, eps, false);
}

} // namespace

TEST_CASE(
    "the norm of images with the channels last is batch normalisation, and so is its gradient") {
    for (const std::vector<int64_t>& shape : std::vector<std::vector<int64_t>>{
             {10, 20, 32, 32}, {3, 7, 5, 3}, {2, 1, 1, 1}, {1, 3, 23, 29}, {600, 5, 1, 1}})
        for (bool affine : {true, false}) {
            INFO(shape[0] << " images of " << shape[1] << " channels, affine " << affine);
            const Input in = input(shape, affine);
            REQUIRE(channels_last_norm_takes(in.a));
            const auto found = passed(in, at::kFloat, ours),
                       wanted = passed(in, at::kDouble, theirs);
            REQUIRE(found.size() == wanted.size());
            for (std::size_t k = 0; k < found.size(); ++k) {
                INFO("value, then gradients: " << k);
                const double size = std::max(1.0, wanted[k].abs().max().item<double>());
                CHECK((found[k] - wanted[k]).abs().max().item<double>() < 2e-6 * size);
            }
        }
}

TEST_CASE("a mean far from 0 costs no digits") {
    Input in = input({8, 20, 16, 16});
    in.a += 1000;
    const auto found = ours(in),
               wanted = theirs(
                   {in.a.to(at::kDouble), in.scale.to(at::kDouble), in.shift.to(at::kDouble), {}});
    CHECK((found - wanted).abs().max().item<double>() < 1e-4);
}

TEST_CASE("running values move on as LibTorch's do") {
    const Input in = input({4, 6, 9, 5});
    auto mean = at::randn({6}), variance = at::rand({6}), mean_too = mean.clone(),
         variance_too = variance.clone();
    const auto before = mean.clone();
    channels_last_norm(in.a, in.scale, in.shift, mean, variance);
    at::batch_norm(in.a, in.scale, in.shift, mean_too, variance_too, true, 0.1, eps, false);
    CHECK(at::allclose(mean, mean_too, 1e-5, 1e-6));
    CHECK(at::allclose(variance, variance_too, 1e-5, 1e-6));
    CHECK(!mean.equal(before));
}

TEST_CASE("the norm of images with the channels last has a second derivative") {
    const Input in = input({5, 4, 6, 6});
    const auto second = [&](const Input& of, const auto& norm) {
        const auto a = of.a.detach().requires_grad_();
        const auto y = norm(Input{a, of.scale, of.shift, {}});
        const auto first = torch::autograd::grad({y.pow(3).sum()}, {a}, {}, true, true)[0];
        return torch::autograd::grad({first.square().sum()}, {a})[0];
    };
    const Input exact{in.a.to(at::kDouble), in.scale.to(at::kDouble), in.shift.to(at::kDouble), {}};
    CHECK(distance(second(in, ours).to(at::kDouble), second(exact, theirs)) < 1e-5);
}

TEST_CASE("the number of threads changes no bit") {
    const Input in = input({16, 20, 32, 32});
    const int before = at::get_num_threads();
    at::set_num_threads(1);
    const auto one = passed(in, at::kFloat, ours);
    at::set_num_threads(3);
    const auto three = passed(in, at::kFloat, ours);
    at::set_num_threads(before);
    for (std::size_t k = 0; k < one.size(); ++k) CHECK(one[k].equal(three[k]));
}

TEST_CASE("other tensors are left to LibTorch") {
    CHECK_FALSE(channels_last_norm_takes(at::randn({2, 3, 4, 4})));
    CHECK_FALSE(channels_last_norm_takes(
        at::randn({2, 3, 4, 4}).to(at::kDouble).contiguous(at::MemoryFormat::ChannelsLast)));
    CHECK_FALSE(channels_last_norm_takes(at::randn({2, 3})));
}
