// SPDX-License-Identifier: Apache-2.0
// Twins: two networks 784-128-128-10 from different starts, trained on the same 9,000 images, five
// epochs each; then the loss on 1,000 other images along the straight line between them, one of
// them permuted by L2, weight matching, Mid and Rnd, or left as it is. Prints one line of JSON: of
// each way, each pair's barrier, area and loss in the middle. `mneme_claims_twins DATASET`; 2: it
// is not here.
#include <cstdio>
#include <iostream>

#include <benchmarks/dataset.hpp>
#include <plan/datasets.hpp>
#include <mneme/alignment.hpp>
#include <mneme/barrier.hpp>

#include "../data_folders.hpp"
#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

constexpr int64_t images = 9000, held_out = 1000, rows = 100, epochs = 5,
                  steps = epochs * images / rows;

Layout layout(const std::vector<int64_t>& seeds) {
    return {.features = 784,
            .hidden = {128, 128},
            .seeds = seeds,
            .classes = 10,
            .tasks = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}};
}

struct Data {
    Tensor x, y;                          // [N, 784], [N]
    Batch at(const Tensor& index) const { // [S, n]
        const int64_t s = index.size(0), n = index.size(1);
        const auto flat = index.reshape({s * n});
        return {x.index_select(0, flat).reshape({s, n, 784}),
                y.index_select(0, flat).reshape({s, n}), zeros({s, n}, DType::int64),
                zeros({s, n}) + 1, n};
    }
};
Data part(const bench::Images& all, int64_t first, int64_t n) {
    std::vector<float> pixels;
    std::vector<int64_t> labels;
    for (int64_t k = first * 784; k < (first + n) * 784; ++k)
        pixels.push_back(static_cast<float>(all.pixels[static_cast<std::size_t>(k)]) / 255);
    for (int64_t k = first; k < first + n; ++k)
        labels.push_back(all.labels[static_cast<std::size_t>(k)]);
    return {Tensor::of(pixels, {n, 784}), Tensor::of(labels, {n})};
}

// Batches of an epoch in an order of each replica's own.
class Walk final {
  public:
    Walk(SessionFixture& fixture, const Data& data, const char* purpose)
        : fixture_(fixture), data_(data), order_(fixture.setup().random(purpose)) {}
    Batch operator()(int64_t step) {
        const int64_t from = step % (images / rows);
        fixture_.seek(0, 0, static_cast<uint32_t>(step));
        if (from == 0) epoch_ = order_.permutation(images);
        return data_.at(epoch_.narrow(1, from * rows, rows));
    }

  private:
    SessionFixture& fixture_;
    const Data& data_;
    Random order_;
    Tensor epoch_;
};

Weights trained(SessionFixture& fixture, const Data& data) {
    auto w = fixture.net().initial();
    Recipe recipe{.rule = Rule::adamw, .lr = zeros({w.theta.size(0), 1}) + 1e-3};
    recipe.weight_decay = 0.01;
    Optimizer descend(recipe, w.theta);
    Walk walk(fixture, data, "train_order");
    for (int64_t k = 0; k < steps; ++k) descend(w, fixture.net().gradient(w, walk(k)));
    return w;
}

void print(const char* name, const std::vector<std::vector<double>>& paths, bool last = false) {
    std::string barrier, area, middle;
    for (const auto& losses : paths) {
        const auto of = alignment::barrier(losses);
        const char* comma = barrier.empty() ? "" : ", ";
        barrier += comma + std::to_string(of.height), area += comma + std::to_string(of.area);
        middle += comma + std::to_string(losses[losses.size() / 2]);
    }
    std::printf("\"%s\": {\"barrier\": [%s], \"area\": [%s], \"middle\": [%s]}%s", name,
                barrier.c_str(), area.c_str(), middle.c_str(), last ? "}\n" : ", ");
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 64;
    const auto& info = mneme::harness::built_in_dataset(argv[1]);
    if (bench::locate(info, data_folders()).empty()) return 2;
    const auto all = bench::load(info, data_folders());
    SessionFixture other(layout({4, 5, 6})), fixture(layout({1, 2, 3}));
    const auto data = part(all.train, 0, images), test = part(all.train, images, held_out);
    const auto a = trained(fixture, data), b = trained(other, data);
    const auto& net = fixture.net();
    const auto probe = test.at(range(held_out).unsqueeze(0).expand({3, held_out}));
    const auto path = [&](const Permutations& p) {
        const auto from = p.empty() ? a.theta : permuted(net.layers(), a.theta, p);
        return alignment::path(from, b.theta, 11, [&](const Tensor& theta) {
            return net.loss({theta, a.stats}, probe, Mode::eval);
        });
    };
    std::printf("{");
    print("none", path({}));
    Rebasin rebasin(fixture.setup());
    rebasin.begin();
    print("l2", path(alignment::fitted(rebasin, a.theta, 200, [&](const Tensor& pi, int64_t) {
              return alignment::distance_gradient(net, pi, b.theta);
          })));
    print("weight matching",
          path(alignment::matched(net, a.theta, b.theta, fixture.setup().random("assign_order"))
                   .permutations));
    Walk walk(fixture, data, "rebasin_order");
    rebasin.begin();
    print("mid", path(alignment::fitted(rebasin, a.theta, steps, [&](const Tensor& pi, int64_t k) {
              return alignment::middle_gradient(net, {pi, a.stats}, b.theta, walk(k));
          })));
    const auto lambda = fixture.setup().random("line_lambda");
    fixture.seek(0, 1, 0);
    rebasin.begin();
    print("rnd",
          path(alignment::fitted(rebasin, a.theta, steps,
                                 [&](const Tensor& pi, int64_t k) {
                                     const auto batch = walk(k);
                                     return alignment::line_gradient(net, {pi, a.stats}, b.theta,
                                                                     batch, lambda.uniform({1}));
                                 })),
          true);
    return 0;
}
