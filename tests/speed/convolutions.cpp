// SPDX-License-Identifier: Apache-2.0
// ResNet-18 beside the loop that one would write over LibTorch alone: its operators in their usual
// order of memory, a tensor for each parameter.
#include <torch/csrc/autograd/autograd.h>

#include "channels_last_norm.hpp"
#include "measure.hpp"
#include "sides.hpp"

namespace mneme::speed {
namespace {

// The forward pass of resnet18 (benchmarks/resnet.cpp) in training, over parameters in its order.
class BareResNet final {
  public:
    at::Tensor operator()(const std::vector<at::Tensor>& parameters, const at::Tensor& x) {
        next_ = 0, norms_ = 0;
        const auto take = [&]() -> const at::Tensor& { return parameters[next_++]; };
        auto a = norm(conv(x.view({-1, 1, 28, 28}), take(), 1, 1), parameters).relu();
        for (int64_t stage = 0; stage < 4; ++stage)
            for (int64_t block = 0; block < 2; ++block) {
                const bool narrower = stage > 0 && block == 0;
                const int64_t stride = narrower ? 2 : 1;
                auto z = norm(conv(a, take(), stride, 1), parameters).relu();
                z = norm(conv(z, take(), 1, 1), parameters);
                if (narrower) a = norm(conv(a, take(), stride, 0), parameters);
                a = (z + a).relu();
            }
        const auto features = at::avg_pool2d(a, {4, 4}).flatten(1);
        const auto& weight = take();
        return at::linear(features, weight, take());
    }

  private:
    static at::Tensor conv(const at::Tensor& a, const at::Tensor& w, int64_t stride,
                           int64_t padding) {
        return at::conv2d(a, w, {}, at::IntArrayRef{stride, stride},
                          at::IntArrayRef{padding, padding});
    }
    at::Tensor norm(const at::Tensor& a, const std::vector<at::Tensor>& parameters) {
        const auto &scale = parameters[next_], &shift = parameters[next_ + 1];
        next_ += 2;
        if (norms_ == mean_.size())
            mean_.push_back(at::zeros({a.size(1)})), variance_.push_back(at::ones({a.size(1)}));
        const auto n = norms_++;
        return at::batch_norm(a, scale, shift, mean_[n], variance_[n], at::GradMode::is_enabled(),
                              0.1, 1e-5, false);
    }

    std::size_t next_ = 0, norms_ = 0;
    std::vector<at::Tensor> mean_, variance_;
};

// A norm by the batch's own statistics with its gradient, beside LibTorch's of the same images.
Row norm(int64_t channels, int64_t side, double effort) {
    constexpr int64_t batch = 10, count = 20;
    const auto lie = [](const at::Tensor& t) {
        return t.contiguous(at::MemoryFormat::ChannelsLast);
    };
    const auto a = lie(at::randn({batch, channels, side, side})).requires_grad_(),
               scale = at::ones({channels}).requires_grad_(),
               shift = at::zeros({channels}).requires_grad_(), d = lie(at::randn_like(a)),
               mean = at::zeros({channels}), variance = at::ones({channels});
    const auto passes = [&](const auto& of) {
        return timed([&] {
            for (int64_t k = 0; k < count; ++k)
                torch::autograd::grad({of()}, {a, scale, shift}, {d});
        });
    };
    return by_turns(
        "norm of " + std::to_string(channels) + " channels of " + std::to_string(side) + " x " +
            std::to_string(side) + ", batch " + std::to_string(batch),
        "us", 1e6 / count, static_cast<int64_t>(40 * effort) + 1,
        [&] {
            return passes(
                [&] { return bench::channels_last_norm(a, scale, shift, mean, variance); });
        },
        [&] {
            return passes([&] {
                return at::batch_norm(a, scale, shift, mean, variance, true, 0.1, 1e-5, false);
            });
        });
}

} // namespace

std::vector<Row> convolutions(const std::string& plugins, double effort) {
    const auto images = draw_images(2000, 1);
    const auto order = order_of(2000).select(0, 0);
    // One step, within 2 %: of some 400,000 ReLUs one whose input is near 0 can be open on one side
    // alone, which moves the gradient by some tenths of a percent, in float beside double too.
    require_same_work(plugins, images, image_layout("resnet18"), BareResNet(), 1, 10, 0.02);
    std::vector<Row> rows;
    for (const int64_t batch : {10, 64, 128}) {
        Harness ours(plugins, "finetune", images, 1, {}, {}, image_layout("resnet18"));
        Bare bare(ours.network(), ours.theta(), images, BareResNet());
        ours.begin_task(0);
        const int64_t count = batch == 10 ? 6 : 1;
        auto row = by_turns(
            "resnet18 step, batch " + std::to_string(batch), "ms", 1e3 / double(count),
            static_cast<int64_t>(20 * effort) + 1,
            [&] { return timed([&] { ours.train(count, batch); }); },
            [&] { return timed([&] { bare.train(order, count, batch); }); });
        row.target = 1 / 1.3;
        rows.push_back(row);
    }
    const auto x = images.x.to(at::kFloat).div_(255);
    Harness ours(plugins, "finetune", images, 1, {}, {}, image_layout("resnet18"));
    Bare bare(ours.network(), ours.theta(), images, BareResNet());
    ours.begin_task(0);
    at::NoGradGuard plain;
    auto row = by_turns(
        "resnet18 evaluation, 2,000 images", "ms", 1e3, static_cast<int64_t>(6 * effort) + 1,
        [&] { return timed([&] { ours.evaluate(images); }); },
        [&] {
            return timed([&] {
                for (int64_t start = 0; start < x.size(0); start += 1000)
                    bare.logits(x.narrow(0, start, 1000));
            });
        });
    row.target = 0.5;
    rows.push_back(row);
    at::AutoGradMode recorded(true);
    rows.push_back(norm(20, 32, effort));
    rows.push_back(norm(160, 4, effort));
    return rows;
}

} // namespace mneme::speed
