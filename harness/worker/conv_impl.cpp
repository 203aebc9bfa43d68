// SPDX-License-Identifier: Apache-2.0
#include "worker/conv_impl.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

#include <ATen/ATen.h>

#include <base/clock.hpp>

namespace mneme::harness {
namespace {

double seconds_of(const std::function<void()>& call) {
    const auto begin = base::Clock::now();
    call();
    return base::seconds_since(begin);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

} // namespace

ConvTimes time_in_turn(const std::function<void()>& grouped, const std::function<void()>& looped,
                       int repetitions) {
    grouped(), looped();
    std::vector<double> of_grouped, of_looped;
    for (int k = 0; k < repetitions; ++k) {
        of_grouped.push_back(seconds_of(grouped));
        of_looped.push_back(seconds_of(looped));
    }
    return {median(of_grouped), median(of_looped)};
}

ConvTimes time_convolutions(bench::Network& network, int64_t replicas, int64_t batch,
                            int64_t inputs, at::Device device, int repetitions) {
    const auto rows = [&](const at::Tensor& row) {
        return row.to(device).expand({replicas, -1}).contiguous();
    };
    const bench::Weights weights{rows(network.initial(1)), rows(network.initial_stats())};
    const auto x = at::full({replicas, batch, inputs}, 0.5f, at::device(device).dtype(at::kFloat));
    const auto step = [&](bench::Replicas way) {
        return [&, way] {
            network.pass_replicas(way);
            const auto gradient =
                network.gradient(weights, x, bench::Mode::train, {},
                                 [](const at::Tensor& l) { return at::softmax(l, 2); });
            gradient.select(0, 0).select(0, 0).item<float>(); // waits for the device
        };
    };
    const auto times =
        time_in_turn(step(bench::Replicas::grouped), step(bench::Replicas::looped), repetitions);
    network.pass_replicas(bench::Replicas::by_device);
    return times;
}

namespace {

std::string measured(bench::Network& network, int64_t replicas, int64_t batch, int64_t inputs,
                     at::Device device) {
    try {
        const auto times = time_convolutions(network, replicas, batch, inputs, device, 7);
        char text[96];
        std::snprintf(text, sizeof text, "%s: a step of %.3f ms grouped, %.3f ms looped",
                      times.looped() ? "looped" : "grouped", 1e3 * times.grouped_s,
                      1e3 * times.looped_s);
        return text;
    } catch (const c10::OutOfMemoryError&) { // the first step will say so, and the cell is then run
                                             // in halves
        return "grouped: no room to measure";
    }
}

} // namespace

std::string settle_conv_impl(bench::Network& network, int64_t replicas, int64_t batch,
                             int64_t inputs, at::Device device, const std::string& kept) {
    if (!network.has_convolutions()) return "none";
    if (device.is_cpu()) return "looped"; // keeps a replica's bits those of its seed alone
    std::string said = kept;
    if (said.empty() && replicas == 1) said = "grouped: one replica";
    if (said.empty()) said = measured(network, replicas, batch, inputs, device);
    network.pass_replicas(said.rfind("looped", 0) == 0 ? bench::Replicas::looped
                                                       : bench::Replicas::grouped);
    return said;
}

} // namespace mneme::harness
