// SPDX-License-Identifier: Apache-2.0
// BiC: the correction at its optimum, the slope of its loss, rows that are never trained on.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

Layout classes() {
    return {.features = 3,
            .seeds = {1, 2},
            .scenario = "class",
            .classes = 4,
            .tasks = {{0, 1}, {2, 3}}};
}

SessionFixture& laid(SessionFixture& fixture) {
    for (int64_t t : {0, 1})
        fixture.set_examples(t, make_task_data(12, 3, {2 * t, 2 * t + 1}, uint32_t(t)));
    return fixture;
}

Batch with_ids(Batch b, const std::vector<int64_t>& ids) {
    b.id = Tensor::of(ids, {b.y.size(0), b.y.size(1)});
    return b;
}

const Json train = {{"lr", 0.5}, {"momentum", 0}, {"weight_decay", 0}};

} // namespace

TEST_CASE("bic: alpha and beta are where the validation loss has no slope") {
    SessionFixture fixture(classes());
    PluginLearner bic(
        laid(fixture), "bic",
        {{"memory", 16}, {"validation", 0.5}, {"bias_steps", 4000}, {"bias_lr", 0.01}}, train);
    const Batch first = with_ids(batch(2, numbers(12, 1), {0, 1, 0, 1}, {0, 0, 0, 0}),
                                 {100, 101, 100, 101}),
                second = with_ids(batch(2, numbers(12, 2), {2, 3, 2, 3}, {1, 1, 1, 1}),
                                  {100, 101, 100, 101});
    bic.begin_task(0);
    CHECK(bic.phases(0).size() == 1);
    bic.observe(first, 0, 0);
    bic.end_task(0);
    bic.begin_task(1);
    const auto phases = bic.phases(1);
    REQUIRE(phases.size() == 2);
    bic.begin_phase(phases[0], 1, 0);
    bic.observe(second, 1, 0);
    bic.end_phase(phases[0], 1, 0);
    bic.begin_phase(phases[1], 1, 1);
    for (uint32_t k = 0; k < 4000; ++k) bic.observe(Batch{}, 1, k, nullptr, 1);
    bic.end_phase(phases[1], 1, 1);
    const auto fitted = bic.state().at("correction");
    bic.end_task(1);
    CHECK(bic.state().at("correction") == fitted);
    CHECK(largest(fitted) > 1e-2);

    const auto kept = bic.state();
    const auto& y = kept.at("validation.y");
    CHECK(y.size() == 2 * 8); // of 4 rows a class the half, for 4 classes
    const auto x = tensor(kept.at("validation.x"), {2, 8, 3}, DType::float32);
    const auto q = bic.predict(x, {}).to_vector(), p = bic.predict(x, {}).softmax(-1).to_vector();
    for (std::size_t s = 0; s < 2; ++s) {
        const double alpha = 1 + fitted[2 * s], beta = fitted[2 * s + 1];
        double slope_alpha = 0, slope_beta = 0;
        for (std::size_t n = 0; n < 8; ++n)
            for (std::size_t c : {2, 3}) {
                const std::size_t at = (8 * s + n) * 4 + c;
                const double d = (p[at] - (y[8 * s + n] == double(c))) / 8;
                slope_beta += d, slope_alpha += d * (q[at] - beta) / alpha;
            }
        CHECK(std::abs(slope_alpha) < 2e-3);
        CHECK(std::abs(slope_beta) < 2e-3);
    }
}

TEST_CASE("bic: at theta* its slope is (1 - lambda) times that of its own batch") {
    // One row a class: it is for validation, and none is replayed.
    SessionFixture fixture(classes()), other(classes());
    PluginLearner bic(laid(fixture), "bic", {{"memory", 2}}, train),
        plain(laid(other), "finetune", {}, train);
    for (PluginLearner* s : {&bic, &plain}) s->begin_task(0), s->end_task(0), s->begin_task(1);
    const auto before = bic.theta();
    const auto b =
        with_ids(batch(2, numbers(12, 2), {2, 3, 2, 3}, {1, 1, 1, 1}), {100, 101, 100, 101});
    bic.observe(b, 1, 0), plain.observe(b, 1, 0);
    auto moved = bic.theta(), whole = plain.theta();
    for (std::size_t k = 0; k < moved.size(); ++k) {
        moved[k] -= before[k];
        whole[k] = (whole[k] - before[k]) / 2; // lambda = 2 old classes of 4
    }
    CHECK(largest(whole) > 1e-3);
    CHECK(distance(moved, whole) < 1e-5);
}

TEST_CASE("bic: a validation row is neither trained on nor kept for replay") {
    SessionFixture fixture(classes());
    PluginLearner bic(laid(fixture), "bic", {{"memory", 16}, {"validation", 0.5}}, train);
    bic.begin_task(0);
    const auto held = bic.state().at("~held"); // [S, rows]
    REQUIRE(held.size() % 2 == 0);
    const auto n = held.size() / 2;
    const auto before = bic.theta();
    std::vector<int64_t> ids;
    for (std::size_t s : {0, 1})
        for (std::size_t k : {0, 1}) ids.push_back(int64_t(held[s * n + k]));
    bic.observe(with_ids(batch(2, numbers(12, 1), {0, 1, 0, 1}, {0, 0, 0, 0}), ids), 0, 0);
    CHECK(bic.theta() == before);
    bic.end_task(0);
    const auto kept = bic.state();
    const auto &x = kept.at("exemplars.x"), &v = kept.at("validation.x");
    const auto& weight = kept.at("exemplars.weight");
    REQUIRE_FALSE(v.empty());
    for (std::size_t s = 0; s < 2; ++s)
        for (std::size_t k = 0; k < x.size() / 6; ++k)
            for (std::size_t j = 0; j < v.size() / 6; ++j) {
                const auto row = s * (x.size() / 6) + k, other = s * (v.size() / 6) + j;
                if (weight[row] == 0) continue;
                CHECK(Vector(x.begin() + long(3 * row), x.begin() + long(3 * row + 3)) !=
                      Vector(v.begin() + long(3 * other), v.begin() + long(3 * other + 3)));
            }
}
