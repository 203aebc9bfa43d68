// SPDX-License-Identifier: Apache-2.0
// How replicas of convolutions pass: either way gives the same numbers, and the choice is measured,
// kept and recorded.
#include "torch_catch.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <benchmarks/random.hpp>

#include "support.hpp"
#include "worker/checkpoint.hpp"
#include "worker/conv_impl.hpp"

using namespace mneme::test;
using namespace mneme::harness;
namespace bench = mneme::bench;

namespace {

std::unique_ptr<bench::Network> network(const std::string& kind,
                                        const std::vector<int64_t>& shape) {
    bench::NetworkSpec spec;
    spec.kind = kind, spec.nf = 4, spec.filters = 6;
    return bench::make_network(spec, shape, 5);
}

at::Tensor numbers(std::vector<int64_t> shape, uint32_t which) {
    auto out = at::empty(shape, at::kFloat);
    bench::normal(out.numel(), {which, 78}, {0, 0, 0}, out.data_ptr<float>());
    return out;
}

double distance(const at::Tensor& a, const at::Tensor& b) {
    return ((a - b).abs().max() / b.abs().max()).item<double>();
}

const std::vector<std::pair<std::string, std::vector<int64_t>>> kinds{
    {"zenke-cnn", {3, 16, 16}}, {"resnet18", {3, 16, 16}}, {"text-cnn", {7, 5}}};

} // namespace

TEST_CASE(
    "replicas of convolutions passed as groups or one after the other give the same logits, "
    "gradients and squares",
    "[run]") {
    for (const auto& [kind, shape] : kinds) {
        INFO(kind);
        const auto net = network(kind, shape);
        int64_t inputs = 1;
        for (int64_t size : shape) inputs *= size;
        std::vector<at::Tensor> rows;
        for (int64_t seed : {1, 2, 3}) rows.push_back(net->initial(seed));
        const auto theta = at::stack(rows),
                   stats = net->initial_stats().expand({3, -1}).contiguous(),
                   x = numbers({3, 8, inputs}, 1);
        const auto pass = [&](bench::Replicas way) {
            net->pass_replicas(way);
            const bench::Weights w{theta, stats.clone()};
            const auto gradient =
                net->gradient(w, x, bench::Mode::train, {},
                              [](const at::Tensor& l) { return at::softmax(l, 2); });
            const bench::Cotangents directions = [](const at::Tensor& l) {
                return std::vector<at::Tensor>{at::softmax(l, 2), l};
            };
            return std::vector<at::Tensor>{net->logits(w, x, bench::Mode::eval, {}), gradient,
                                           w.stats.numel() ? w.stats : at::ones({1}),
                                           net->per_sample(w, x, directions, false)};
        };
        const auto looped = pass(bench::Replicas::looped), grouped = pass(bench::Replicas::grouped);
        for (std::size_t k = 0; k < looped.size(); ++k) {
            INFO(k);
            CHECK(distance(grouped[k], looped[k]) < 1e-5);
        }
        const auto by_default = pass(bench::Replicas::by_device);
        for (std::size_t k = 0; k < looped.size(); ++k)
            CHECK(by_default[k].equal(looped[k])); // bits, on the CPU
    }
}

TEST_CASE("two ways are timed in turn, by their medians", "[run]") {
    std::string order;
    const auto wait = [&](char name, int usual_ms) {
        return [&order, name, usual_ms, calls = 0]() mutable {
            order += name;
            std::this_thread::sleep_for(std::chrono::milliseconds(
                calls++ < 2 ? 150 : usual_ms)); // the first, and one that is disturbed
        };
    };
    const auto times = time_in_turn(wait('g', 2), wait('l', 20), 5);
    CHECK(order == "glglglglglgl");
    CHECK(times.grouped_s >= 0.002);
    CHECK(times.grouped_s < times.looped_s);
    CHECK(times.looped_s < 0.15);
    CHECK(!times.looped());
    CHECK(time_in_turn(wait('g', 20), wait('l', 2), 3).looped());
}

TEST_CASE("a network's two ways are timed, and it is left as it was", "[run]") {
    const auto net = network("resnet18", {3, 16, 16});
    const auto x = numbers({3, 4, 768}, 2);
    const bench::Weights w{net->initial(1).expand({3, -1}).contiguous(),
                           net->initial_stats().expand({3, -1}).contiguous()};
    const auto before = net->logits(w, x, bench::Mode::eval, {});
    const auto times = time_convolutions(*net, 3, 4, 768, at::kCPU, 3);
    CHECK(times.grouped_s > 0);
    CHECK(times.looped_s > 0);
    CHECK(net->logits(w, x, bench::Mode::eval, {}).equal(before));
}

TEST_CASE("on the CPU replicas loop without a measurement; elsewhere a checkpoint decides",
          "[run]") {
    const auto net = network("resnet18", {3, 16, 16});
    const auto x = numbers({3, 4, 768}, 2);
    const bench::Weights w{net->initial(1).expand({3, -1}).contiguous(),
                           net->initial_stats().expand({3, -1}).contiguous()};
    const auto before = net->logits(w, x, bench::Mode::eval, {});
    CHECK(settle_conv_impl(*net, 3, 4, 768, at::kCPU, "") == "looped");
    CHECK(settle_conv_impl(*net, 3, 4, 768, at::kCPU,
                           "grouped: a step of 1.000 ms grouped, 2.000 ms looped") == "looped");
    CHECK(net->logits(w, x, bench::Mode::eval, {}).equal(before));
    bench::NetworkSpec plain;
    plain.hidden = {8};
    CHECK(settle_conv_impl(*bench::make_network(plain, {6}, 3), 3, 4, 6, at::kCUDA, "") == "none");
    const std::string kept = "looped: a step of 2.000 ms grouped, 1.000 ms looped";
    CHECK(settle_conv_impl(*net, 3, 4, 768, at::kCUDA, kept) == kept);
    CHECK(net->logits(w, x, bench::Mode::eval, {}).equal(before));
    CHECK(settle_conv_impl(*net, 1, 4, 768, at::kCUDA, "") == "grouped: one replica");
}

TEST_CASE("a device without room for the measurement is left to the run", "[run]") {
    struct Large final : bench::Network {
        bool has_convolutions() const override { return true; }
        at::Tensor logits(const bench::Weights&, const at::Tensor&, bench::Mode,
                          const bench::Dropout&) const override {
            TORCH_CHECK_WITH(OutOfMemoryError, false, "no room");
        }
        at::Tensor features(const bench::Weights&, const at::Tensor&, bench::Mode,
                            const bench::Dropout&) const override {
            return {};
        }
        std::vector<at::Tensor> layer_inputs(const bench::Weights&, const at::Tensor&, bench::Mode,
                                             const bench::Dropout&) const override {
            return {};
        }
    } large;
    CHECK(settle_conv_impl(large, 3, 4, 5, at::kMeta, "") == "grouped: no room to measure");
}

TEST_CASE("how replicas of convolutions passed is in a run's provenance and in its checkpoint",
          "[run]") {
    const auto asked = cell("finetune", small_stream(), {1});
    CHECK(run(asked)[0].provenance.begin()->second.at("conv_impl") ==
          "none"); // a network without any
    Checkpoint kept{{1, 0, 2}, {}, {},
                    {},        {}, "looped: a step of 2.000 ms grouped, 1.000 ms looped"};
    save(asked, kept);
    const auto found = load(asked);
    CHECK(found.has_value());
    if (found) CHECK(found->conv_impl == kept.conv_impl);
    std::filesystem::remove_all(asked.output);
}
