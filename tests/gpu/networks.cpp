// SPDX-License-Identifier: Apache-2.0
// Batch normalisation on the GPU, where nobody looks which rows count, against the CPU, and in a
// recorded step.
#include "torch_catch.hpp"

#include "gpu.hpp"

#include <benchmarks/network.hpp>
#include <benchmarks/random.hpp>

using namespace mneme;
using namespace mneme::test;

namespace {

struct Net {
    std::unique_ptr<bench::Network> network;
    bench::Weights w;
    at::Tensor x;
};

Net small(const char* norm) { // three replicas: whose rows all count, some, none
    bench::NetworkSpec spec;
    spec.kind = "resnet18", spec.norm = norm, spec.nf = 4;
    Net out{bench::make_network(spec, {3, 9, 8}, 5), {}, at::empty({3, 6, 216}, at::kFloat)};
    std::vector<at::Tensor> rows;
    for (int64_t seed : {1, 2, 3}) rows.push_back(out.network->initial(seed));
    bench::normal(out.x.numel(), {5, 77}, {0, 0, 0}, out.x.data_ptr<float>());
    out.x = out.x.to(at::kDouble);
    out.w = {at::stack(rows).to(at::kDouble),
             out.network->initial_stats().to(at::kDouble).expand({3, -1}).contiguous(),
             at::tensor({1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0}, at::kInt)
                 .view({3, 6})
                 .to(at::kFloat)};
    return out;
}

at::Tensor gradient(const Net& n, const bench::Weights& w, const at::Tensor& x) {
    return n.network->gradient(w, x, bench::Mode::train, {},
                               [](const at::Tensor& l) { return at::softmax(l, 2); });
}

double distance(const at::Tensor& a, const at::Tensor& b) {
    return ((a.cpu() - b).abs().max() / b.abs().max()).item<double>();
}

} // namespace

TEST_CASE("batch normalisation by the rows that count is the CPU's on the GPU", "[gpu]") {
    need_gpu();
    for (const char* norm : {"batch", "batch_frozen", "batch_stats"})
        for (bench::Replicas way : {bench::Replicas::grouped, bench::Replicas::looped}) {
            INFO(norm << ", " << int(way));
            const auto n = small(norm);
            const bench::Weights there{n.w.theta.to(at::kCUDA), n.w.stats.to(at::kCUDA),
                                       n.w.weight.to(at::kCUDA)};
            const auto wanted = gradient(n, n.w, n.x);
            n.network->pass_replicas(way);
            CHECK(distance(gradient(n, there, n.x.to(at::kCUDA)), wanted) < 1e-8);
            if (n.w.stats.numel() > 0) CHECK(distance(there.stats, n.w.stats) < 1e-10);
        }
}

TEST_CASE("batch normalisation is recorded, and played reads the counts of the time", "[gpu]") {
    need_gpu();
    const auto n = small("batch");
    n.network->pass_replicas(bench::Replicas::grouped);
    const auto x = n.x.to(at::kCUDA);
    const bench::Weights there{n.w.theta.to(at::kCUDA), n.w.stats.to(at::kCUDA),
                               at::ones({3, 6}, x.options().dtype(at::kFloat))};
    const auto kept = there.stats.clone();
    gradient(n, there, x); // cuDNN chooses its ways
    auto out = at::zeros_like(there.theta);
    const auto graph = host::cuda_graph();
    graph->record([&] { out.copy_(gradient(n, there, x)); });
    there.stats.copy_(kept);
    there.weight.copy_(n.w.weight);
    graph->play();
    CHECK(distance(out, gradient(n, n.w, n.x)) < 1e-8);
    CHECK(distance(there.stats, n.w.stats) < 1e-10);
}

TEST_CASE("a convolution has the precision of float32",
          "[gpu]") { // LibTorch's default is TF32: 11 bits, errors near 5e-4
    need_gpu();
    const auto n = small("batch");
    const auto wanted = gradient(n, n.w, n.x);
    const auto there = [&](const at::Tensor& t) { return t.to(at::kCUDA, at::kFloat); };
    const auto out =
        gradient(n, {there(n.w.theta), there(n.w.stats), n.w.weight.to(at::kCUDA)}, there(n.x));
    CHECK(distance(out, wanted) < 2e-5);
}
