// SPDX-License-Identifier: Apache-2.0
// SI: the path integral from the steps that were made. MAS: the closed form of one linear layer,
// and the batched form below it.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;
constexpr int64_t rows = 18;

Batch task_batch(int64_t t, uint32_t k) {
    return batch(2, numbers(2 * 4 * 3, 20 + static_cast<uint32_t>(t) * 10 + k),
                 {0, 1, 2, 0, 2, 1, 1, 0}, std::vector<int64_t>(8, t));
}
TaskData data(int64_t t) {
    return make_task_data(rows, 3, {0, 1, 2}, static_cast<uint32_t>(50 + t));
}

double loss_of(const SessionFixture& fixture, const Vector& theta,
               const Batch& task_batch) { // of replica 0, mean over its four rows
    const auto w =
        tensor({theta.begin(), theta.begin() + fixture.net().columns()}, {fixture.net().columns()});
    const auto x = task_batch.x.to_vector(), y = task_batch.y.to_vector();
    double sum = 0;
    for (std::size_t n = 0; n < 4; ++n) {
        const Example e{
            tensor({x.begin() + static_cast<long>(3 * n), x.begin() + static_cast<long>(3 * n + 3)},
                   {1, 3}),
            static_cast<int64_t>(y[n]),
            {0, 1, 2}};
        sum += e.loss(fixture.net(), w, e.label).item() / 4;
    }
    return sum;
}

} // namespace

TEST_CASE("si: w sums -g D, Omega is its positive part over the squared way") {
    constexpr double lr = 0.25, c = 0.7, xi = 0.05;
    for (const char* relu_on : {"increment", "total"}) {
        SessionFixture fixture({.features = 3, .hidden = {4}, .seeds = {1, 2}});
        for (int64_t t = 0; t < 3; ++t) fixture.set_examples(t, data(t));
        PluginLearner learner(fixture, "si", {{"c", c}, {"xi", xi}, {"relu_on", relu_on}},
                              {{"lr", lr}, {"momentum", 0}});
        Vector omega(learner.theta().size()), anchor = learner.theta();
        for (int64_t t = 0; t < 3; ++t) {
            learner.begin_task(t);
            const auto start = learner.theta();
            Vector w(start.size());
            for (uint32_t k = 0; k < 5; ++k) {
                const auto before = learner.theta();
                learner.observe(task_batch(t, k), t, k);
                const auto after = learner.theta();
                for (std::size_t i = 0; i < w.size();
                     ++i) { // the step was -lr (g + 2 c Omega (theta - anchor)): so g is known
                    const double d = after[i] - before[i],
                                 g = -d / lr - 2 * c * omega[i] * (before[i] - anchor[i]);
                    w[i] -= g * d;
                }
            }
            CHECK(largest(w) > 1e-4);
            CHECK(distance(learner.state().at("~w"), w) < 1e-4);
            learner.end_task(t);
            anchor = learner.theta();
            for (std::size_t i = 0; i < w.size(); ++i) {
                const double increment =
                    w[i] / ((anchor[i] - start[i]) * (anchor[i] - start[i]) + xi);
                omega[i] = std::string(relu_on) == "total" ? std::max(0.0, omega[i] + increment)
                                                           : omega[i] + std::max(0.0, increment);
            }
            CHECK(distance(learner.state().at("omega"), omega) < 1e-4);
            CHECK(learner.state().at("anchor") == anchor);
            const auto kept = learner.state().at("omega");
            for (double v : kept) CHECK(v >= 0);
        }
    }
}

TEST_CASE("si: with small steps on one batch the path integral is the fall of the loss") {
    SessionFixture fixture({.features = 3, .hidden = {4}, .seeds = {1, 2}});
    fixture.set_examples(0, data(0));
    PluginLearner learner(fixture, "si", {{"c", 0}}, {{"lr", 0.01}, {"momentum", 0}});
    learner.begin_task(0);
    const auto first = loss_of(fixture, learner.theta(), task_batch(0, 1));
    for (uint32_t k = 0; k < 300; ++k) learner.observe(task_batch(0, 1), 0, k);
    const auto fall = first - loss_of(fixture, learner.theta(), task_batch(0, 1));
    const auto w = learner.state().at("~w");
    double sum = 0;
    for (int64_t i = 0; i < fixture.net().columns(); ++i) sum += w[static_cast<std::size_t>(i)];
    CHECK(fall > 0.05);
    CHECK(std::abs(sum - fall) < 0.05 * fall);
}

// The test that halving the rate halves the error wants a network without kinks; there is none here
// (ReLU only), so the sum is held to 5 % above, and one entry to its closed form below.
TEST_CASE(
    "si: of a gradient that does not change w is lr * steps * g^2; what did not move has no "
    "importance") {
    constexpr double lr = 1e-5;
    constexpr uint32_t steps = 20;
    SessionFixture fixture(two_classes());
    fixture.set_examples(0, make_task_data(rows, 2, {0, 1}, 1));
    PluginLearner learner(fixture, "si", Json::object(), {{"lr", lr}, {"momentum", 0}});
    learner.begin_task(0);
    learner.put("weights.theta", nothing(fixture)); // there one example's gradient is (v, -v)
    const Vector v{0.7, 0};
    for (uint32_t k = 0; k < steps; ++k) learner.observe(with_gradient(1, v, 0), 0, k);
    const auto w = learner.state().at("~w");
    const auto& layer = fixture.net().layers().at(0);
    for (int64_t c = 0; c < 2; ++c)
        for (int64_t j = 0; j < 2; ++j) {
            const auto at = static_cast<std::size_t>(layer.offset + c * 2 + j);
            const double g = v[static_cast<std::size_t>(j)];
            CHECK(std::abs(w[at] - lr * steps * g * g) <= 1e-3 * lr * steps * g * g);
        }
    learner.end_task(0);
    const auto omega = learner.state().at("omega");
    CHECK(omega[static_cast<std::size_t>(layer.offset)] > 0);
    CHECK(omega[static_cast<std::size_t>(layer.offset + 1)] == 0);
}

TEST_CASE("mas: on one linear layer Omega is the mean of 2 |f| |x|, and of 2 |f| for the bias") {
    SessionFixture fixture({.features = 3, .hidden = {}, .seeds = {1, 2}});
    fixture.set_examples(0, data(0));
    PluginLearner learner(fixture, "mas", Json::object(), {{"lr", 0.1}});
    learner.begin_task(0);
    learner.observe(task_batch(0, 0), 0, 0);
    learner.end_task(0);
    const auto theta = learner.theta();
    const auto columns = fixture.net().columns();
    Vector wanted(theta.size());
    const auto& layers = fixture.net().layers();
    REQUIRE(layers.size() == 2); // weight [3, 3], bias [3]
    for (int64_t s = 0; s < 2; ++s) {
        const auto w =
            tensor({theta.begin() + s * columns, theta.begin() + (s + 1) * columns}, {columns});
        for (int64_t n = 0; n < rows; ++n) {
            const auto x = data(0).input(n, 3);
            const auto f = forward(fixture.net(), w, tensor(x, {1, 3})).to_vector();
            for (int64_t k = 0; k < 3; ++k) {
                const auto at = [&](int64_t offset) -> double& {
                    return wanted[static_cast<std::size_t>(s * columns + offset)];
                };
                for (int64_t j = 0; j < 3; ++j)
                    at(layers[0].offset + k * 3 + j) += 2 *
                                                        std::abs(f[static_cast<std::size_t>(k)]) *
                                                        x[static_cast<std::size_t>(j)] / rows;
                at(layers[1].offset + k) += 2 * std::abs(f[static_cast<std::size_t>(k)]) / rows;
            }
        }
    }
    CHECK(largest(wanted) > 0.01);
    CHECK(distance(learner.state().at("omega"), wanted) < 1e-5);
    CHECK(learner.state().at("anchor") == theta);
}

TEST_CASE(
    "mas: an absolute value of many is at most the mean of absolute values, and one batch of all "
    "is the mean's own") {
    for (const char* output : {"logits", "probs"}) {
        Vector importances[3];
        const int64_t batches[] = {1, 2, rows};
        for (std::size_t k = 0; k < 3; ++k) {
            SessionFixture fixture({.features = 3, .hidden = {4}, .seeds = {1, 2}});
            fixture.set_examples(0, data(0));
            PluginLearner learner(fixture, "mas", {{"abs_batch", batches[k]}, {"output", output}},
                                  {{"lr", 0.1}});
            learner.begin_task(0);
            learner.observe(task_batch(0, 0), 0, 0);
            learner.end_task(0);
            importances[k] = learner.state().at("omega");
        }
        bool smaller = false;
        for (std::size_t i = 0; i < importances[0].size(); ++i) {
            CHECK(importances[1][i] <= importances[0][i] + 1e-6);
            CHECK(importances[2][i] <= importances[1][i] + 1e-6);
            smaller = smaller || importances[2][i] < 0.9 * importances[0][i];
        }
        CHECK(smaller);
        CHECK(largest(importances[2]) > 0);
    }
}

TEST_CASE(
    "si and mas: c = 0 and lambda = 0 are plain descent, bit for bit; the pull is the slope "
    "without 1/2") {
    for (const char* plugin : {"si", "mas"}) {
        const std::string weight = std::string(plugin) == "si" ? "c" : "lambda";
        SessionFixture fixture({.features = 3, .hidden = {4}, .seeds = {1, 2}});
        for (int64_t t = 0; t < 2; ++t) fixture.set_examples(t, data(t));
        const Json train = {{"lr", 0.25}, {"momentum", 0.5}};
        PluginLearner with(fixture, plugin, {{weight, 0}}, train),
            naive(fixture, "finetune", Json::object(), train),
            pulled(fixture, plugin, {{weight, 3}}, {{"lr", 0.25}, {"momentum", 0}});
        for (int64_t t = 0; t < 2; ++t) {
            for (PluginLearner* s : {&with, &naive, &pulled}) {
                s->begin_task(t);
                for (uint32_t k = 0; k < 5; ++k) s->observe(task_batch(t, k), t, k);
                s->end_task(t);
            }
            CHECK(with.theta() == naive.theta());
        }
        pulled.begin_task(1);
        const auto state = pulled.state();
        auto theta = pulled.theta();
        const auto step = numbers(static_cast<int64_t>(theta.size()), 9);
        for (std::size_t i = 0; i < theta.size(); ++i)
            if (theta[i] != 0) theta[i] += step[i];
        pulled.put("weights.theta", theta);
        const auto before = pulled.theta();
        pulled.observe(weightless(fixture, 1), 1, 99);
        auto moved = pulled.theta();
        Vector wanted(moved.size());
        for (std::size_t i = 0; i < moved.size(); ++i) {
            moved[i] = (before[i] - moved[i]) / 0.25;
            wanted[i] = 2 * 3 * state.at("omega")[i] * (before[i] - state.at("anchor")[i]);
        }
        CHECK(largest(wanted) > 1e-3);
        CHECK(distance(moved, wanted) < 1e-3);
    }
}
