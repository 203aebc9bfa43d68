// SPDX-License-Identifier: Apache-2.0
// HAT: the slope of an embedding against differences, and that nothing is forgotten.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"
#include "task_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

Layout heads() {
    return {.features = 3,
            .hidden = {4},
            .seeds = {1, 2},
            .scenario = "task",
            .classes = 6,
            .tasks = {{0, 1}, {2, 3}, {4, 5}}};
}

double squashed(double x) { return 1 / (1 + std::exp(-x)); }

} // namespace

TEST_CASE("hat: e moves by s_max sigmoid'(e) (dL/da + c / units) times its rate") {
    constexpr double s_max = 50, c = 0.6, pace = 0.3, lr = 0.1;
    auto layout = heads();
    layout.seeds = {1};
    SessionFixture fixture(layout);
    fixture.set_examples(0, make_task_data(8, 3, {0, 1}, 1));
    PluginLearner hat(fixture, "hat", {{"s_max", s_max}, {"c", c}, {"embedding_rate", pace}},
                      {{"lr", lr}, {"momentum", 0}});
    hat.begin_task(0);
    const Vector e{0.5, -1, 0.25, 2};
    hat.put("~e", e);
    const auto theta = hat.theta();
    const auto x = numbers(12, 4);
    const std::vector<int64_t> y{0, 1, 1, 0};
    hat.observe(batch(1, x, y), 0, 0); // the first of an epoch: s = 1 / s_max
    const auto& head = fixture.net().head_layers().at(0);
    REQUIRE(head.shape == std::vector<int64_t>{6, 4});
    const auto loss = [&](const Vector& a) {
        auto gated = theta;
        for (int64_t k = 0; k < head.numel; ++k)
            gated[std::size_t(head.offset + k)] *= a[std::size_t(k % 4)];
        const auto w = tensor(gated, {fixture.net().columns()});
        double sum = 0;
        for (std::size_t n = 0; n < 4; ++n) {
            const Example row{tensor({x[3 * n], x[3 * n + 1], x[3 * n + 2]}, {1, 3}), y[n], {0, 1}};
            sum += row.loss(fixture.net(), w, row.label).item() / 4;
        }
        return sum;
    };
    Vector a, wanted;
    for (double v : e) a.push_back(squashed(v / s_max));
    for (std::size_t u = 0; u < 4; ++u) {
        auto above = a, below = a;
        above[u] += 1e-5, below[u] -= 1e-5;
        const double slope = (loss(above) - loss(below)) / 2e-5;
        wanted.push_back(e[u] - pace * lr * s_max * squashed(e[u]) * (1 - squashed(e[u])) *
                                    (slope + c / 4));
    }
    CHECK(distance(hat.state().at("~e"), wanted) < 1e-5);
    CHECK(distance(e, wanted) > 1e-2);
}

TEST_CASE("hat: what a task uses is fixed after it, so its answers stay, to the bit") {
    TaskFixture fixture(heads(), "hat", {{"c", 0.1}},
                        {{"lr", 0.3}, {"momentum", 0.5}, {"epochs", 2}, {"batch_size", 4}});
    const auto x = tensor(numbers(2 * 7 * 3, 8), {2, 7, 3}, DType::float32);
    std::vector<Vector> answers;
    std::vector<Vector> weights;
    for (int64_t t = 0; t < 3; ++t) {
        fixture.task(t);
        answers.push_back(fixture->predict(x, t).to_vector());
        weights.push_back(fixture->theta());
    }
    for (int64_t t = 0; t < 3; ++t) {
        const auto now = fixture->predict(x, t).to_vector();
        for (std::size_t row = 0; row < 14; ++row)
            for (auto c : {2 * t, 2 * t + 1})
                CHECK(now[6 * row + std::size_t(c)] ==
                      answers[std::size_t(t)][6 * row + std::size_t(c)]);
    }
    CHECK(weights[0] != weights[2]);
    const auto state = fixture->state();
    for (std::size_t k = 0; k < state.at("taken").size(); ++k)
        CHECK(state.at("taken")[k] ==
              std::max({state.at("masks.0")[k], state.at("masks.1")[k], state.at("masks.2")[k]}));
}
