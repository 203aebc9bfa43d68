// SPDX-License-Identifier: Apache-2.0
// KKT: votes of nearest neighbours, and whose scores a task starts from.
#include "catch.hpp"

#include <cmath>

#include <mneme/knn_transfer.hpp>

#include "reference.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;
using Take = KnnTransfer::Take;

Layout layout(const std::vector<int64_t>& seeds = {1}) {
    return {.features = 4,
            .hidden = {16, 8},
            .seeds = seeds,
            .scenario = "task",
            .classes = 2,
            .tasks = {{0, 1}, {0, 1}, {0, 1}, {0, 1}},
            .bias = false,
            .shared_head = true};
}

Tensor floats(const Vector& values, const std::vector<int64_t>& shape) {
    return tensor(values, shape, DType::float32);
}

} // namespace

TEST_CASE("kkt: two clusters at distance 10 are told apart without fault") {
    SessionFixture fixture(layout());
    Vector x;
    std::vector<int64_t> y;
    const auto noise = numbers(2 * 300 * 3, 1);
    for (std::size_t row = 0; row < 600; ++row) {
        y.push_back(static_cast<int64_t>(row * 7 % 5 % 2));
        for (std::size_t f = 0; f < 3; ++f)
            x.push_back(noise[row * 3 + f] + (f == 1 ? 10.0 * static_cast<double>(y.back()) : 0));
    }
    // 260 to classify: more than a chunk of distances.
    CHECK(KnnTransfer::right(floats(x, {2, 300, 3}), Tensor::of(y, {2, 300}), {0, 1}, {40, 260, 5})
              .to_vector() == Vector{260, 260});
    for (auto& label : y) label += 6; // any names
    CHECK(KnnTransfer::right(floats(x, {2, 300, 3}), Tensor::of(y, {2, 300}), {6, 7}, {40, 260, 1})
              .to_vector() == Vector{260, 260});
}

TEST_CASE("kkt: equal votes go to the smaller label") {
    SessionFixture fixture(layout());
    const auto x = floats({0, 1, 0.4, 0.6}, {1, 4, 1});
    for (const std::vector<int64_t>& labels : {std::vector<int64_t>{1, 0, 0, 0}, {0, 1, 0, 0}})
        CHECK(KnnTransfer::right(x, Tensor::of(labels, {1, 4}), {0, 1}, {2, 2, 2}).item() == 2);
}

TEST_CASE(
    "kkt: features that know nothing pass chance in half of the draws, and the margin in fewer "
    "than 1 %") {
    constexpr int64_t replicas = 2000, reference = 39, query = 21;
    SessionFixture fixture(layout());
    const auto x = floats(numbers(replicas * 60 * 3, 2), {replicas, 60, 3});
    std::vector<int64_t> y;
    for (double v : numbers(replicas * 60, 3)) y.push_back(v > 0);
    const auto hits =
        KnnTransfer::right(x, Tensor::of(y, {replicas, 60}), {0, 1}, {reference, query, 7});
    CHECK(std::abs(hits.sum().item() / (replicas * query) - 0.5) <
          5 * 0.5 / std::sqrt(replicas * query));
    SessionFixture other(layout());
    const KnnTransfer chance(fixture.setup(), Take::best, 64),
        margin(other.setup({{"kkt_threshold", "margin"}}), Take::best, 64);
    CHECK(chance.enough(query, 2) == 11);
    CHECK(chance.enough(20, 2) == 11); // above 1/C, not at it
    CHECK(chance.enough(9, 3) == 4);
    CHECK(margin.enough(query, 2) == 18); // 10.5 + 3 * 2.29 = 17.4
    CHECK(KnnTransfer(other.setup(), Take::always, 64).enough(query, 2) == 0);
    const auto rate = [&](const KnnTransfer& knn) {
        return (hits >= knn.enough(query, 2)).sum().item() / replicas;
    };
    CHECK(std::abs(rate(chance) - 0.5) < 5 * 0.5 / std::sqrt(replicas));
    CHECK(rate(margin) < 0.01);
}

TEST_CASE("kkt: each replica copies its own best source, deeply, or stays with its own draw") {
    SessionFixture fixture(layout()), second(layout()), third(layout());
    KnnTransfer best(fixture.setup(), Take::best, 64), all(second.setup(), Take::all, 64),
        always(third.setup(), Take::always, 64);
    const auto fresh = floats({-1, -2, -3, -4}, {4, 1});
    for (double base : {10.0, 20.0, 30.0})
        for (auto* knn : {&best, &all, &always})
            knn->keep(floats({base, base + 1, base + 2, base + 3}, {4, 1}));
    const auto hits = Tensor::of(std::vector<int64_t>{5, 9, 7, 6, 6, 2, 3, 3, 3, 8, 4, 8},
                                 {4, 3}); // ties: the earlier task
    auto taken = best.chosen(hits, 5, fresh);
    CHECK(taken.to_vector() == Vector{20, 11, -3, 13});
    taken.zero_(); // what is trained is not what is kept
    CHECK(best.chosen(hits, 5, fresh).to_vector() == Vector{20, 11, -3, 13});
    CHECK(always.chosen(hits, 0, fresh).to_vector() == Vector{20, 11, 12, 13});
    CHECK(all.chosen(hits, 5, fresh).to_vector() ==
          Vector{20, 16, -3, 23}); // means of 10 20 30, 11 21, none, 13 33
}

TEST_CASE("kkt: how many examples, neighbours and votes") {
    SessionFixture fixture(layout());
    const KnnTransfer knn(fixture.setup(), Take::best, 64);
    const auto n = knn.sizes(60000, 10); // 938 batches, 188 + 1 of them
    CHECK(n.reference + n.query == 189 * 64);
    CHECK(n.reference == 7983);
    CHECK(n.votes == 200);
    CHECK(knn.sizes(100, 2).reference == 66); // no more than there are
    CHECK(knn.sizes(100, 2).votes == 33);
    CHECK(refusal([&] { (void)knn.sizes(3, 2); }) ==
          "kkt_neighbours: 0 votes among 1 of 3 examples, for 2 classes; use 1 to 1 votes, or a "
          "larger kkt_fraction");
}

namespace {

// Labels that one pixel tells: another one in each kind of task.
TaskData told_by(std::size_t pixel, uint32_t which) {
    auto s = make_task_data(240, 4, {0, 1}, which);
    for (std::size_t row = 0; row < 240; ++row) s.labels[row] = s.pixels[row * 4 + pixel] > 127;
    return s;
}

} // namespace

TEST_CASE("kkt: a task that comes again starts from the scores of its first time") {
    for (const char* plugin : {"supsup", "exssnet"}) {
        SessionFixture fixture(layout({1, 2}));
        Json options = {
            {"mask_epochs", 1}, {"mask_lr", 0.05}, {"density", 0.3}, {"kkt_fraction", 1.0}};
        options[std::string(plugin) == "supsup" ? "transfer" : "kkt"] =
            std::string(plugin) == "supsup" ? "kkt" : "best";
        if (std::string(plugin) == "exssnet")
            options["weight_epochs"] = 1, options["weight_lr"] = 0.02;
        PluginLearner learner(fixture, plugin, options);
        const std::vector<TaskData> data_by_task{told_by(0, 1), told_by(3, 2), told_by(0, 3)};
        for (int64_t t = 0; t < 3; ++t) {
            const auto& s = data_by_task[static_cast<std::size_t>(t)];
            fixture.set_examples(t, s);
            learner.begin_task(t);
            const auto state = learner.state();
            if (t == 2) {
                CHECK(state.at("~scores") == state.at("kkt.scores.0"));
                CHECK(state.at("~scores") != state.at("kkt.scores.1"));
            }
            Vector x;
            std::vector<int64_t> y;
            for (int r = 0; r < 2; ++r)
                for (int64_t row = 0; row < 240; ++row) {
                    const auto one = s.input(row, 4);
                    x.insert(x.end(), one.begin(), one.end());
                    y.push_back(s.labels[static_cast<std::size_t>(row)]);
                }
            const auto task_batch = batch(2, x, y, std::vector<int64_t>(y.size(), t));
            const auto phases = learner.phases(t);
            for (std::size_t p = 0; p < phases.size(); ++p) {
                auto phase = phases[p];
                phase.steps = 60, phase.epochs = 1;
                learner.begin_phase(phase, t, static_cast<uint32_t>(p));
                for (uint32_t k = 0; k < 60; ++k)
                    learner.observe(task_batch, t, k, nullptr, static_cast<uint32_t>(p));
                learner.end_phase(phase, t, static_cast<uint32_t>(p));
            }
            learner.end_task(t);
        }
    }
}
