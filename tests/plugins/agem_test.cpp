// SPDX-License-Identifier: Apache-2.0
// A-GEM's projection, with gradients that the test chooses: two classes, weights 0, one example for
// each.
#include "catch.hpp"

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>; // of each replica one after the other

// What a step follows when the current gradient is (g, -g) and the one on the memory (r, -r): read
// off the weights, lr = 1. Without r the memory is empty.
Vector followed(const std::vector<int64_t>& seeds, const Vector& g, const Vector& r,
                const std::string& plugin = "agem") {
    const auto replicas = static_cast<int64_t>(seeds.size()),
               features = static_cast<int64_t>(g.size()) / replicas;
    SessionFixture fixture(two_classes(seeds, features));
    for (int64_t t : {0, 1}) fixture.set_examples(t, make_task_data(4, features, {0, 1}, 1));
    PluginLearner learner(fixture, plugin, Json::object(), {{"lr", 1}, {"momentum", 0}});
    learner.begin_task(0);
    if (!r.empty())
        learner.observe(with_gradient(replicas, r, 0), 0,
                        0); // class 1 alone is stored, by the ring
    learner.end_task(0);
    learner.begin_task(1);
    learner.put("weights.theta", nothing(fixture));
    learner.observe(with_gradient(replicas, g, 1), 1, 0);
    const auto theta = learner.theta();
    Vector out;
    for (int64_t s = 0; s < replicas; ++s)
        for (int64_t k = 0; k < features; ++k) {
            const auto at = static_cast<std::size_t>(s * fixture.net().columns() + k);
            out.push_back(-theta[at]);
            CHECK(theta[at + static_cast<std::size_t>(features)] ==
                  -theta[at]); // class 1 goes the other way
        }
    return out;
}

double dot(const Vector& a, const Vector& b) {
    double sum = 0;
    for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
    return sum;
}

Vector scaled(Vector v, double by) {
    for (double& x : v) x *= by;
    return v;
}

} // namespace

TEST_CASE("agem: g = (1,0) and r = (-1,1) give (.5,.5)") {
    CHECK(followed({1}, {1, 0}, {-1, 1}) == Vector{0.5, 0.5});
}

TEST_CASE("agem: r = g steps with g, not with 2 g") {
    CHECK(followed({1}, {1, -0.5}, {1, -0.5}) == Vector{1, -0.5});
    CHECK(followed({1}, {1, -0.5}, {}) == Vector{1, -0.5});
}

TEST_CASE("agem: a gradient at right angles, or along, keeps its bits") {
    for (const auto& r : {Vector{0, 1}, Vector{0.25, 7}, Vector{0, 0}})
        CHECK(followed({1}, {0.3, 0}, r) == followed({1}, {0.3, 0}, {}, "finetune"));
    const auto g = numbers(9, 1);
    auto r = numbers(9, 2);
    if (dot(g, r) < 0) r = scaled(r, -1);
    CHECK(followed({1}, g, r) == followed({1}, g, {}, "finetune"));
}

TEST_CASE("agem: a gradient against r loses its part along r") {
    for (uint32_t k = 0; k < 20; ++k) {
        const auto g = numbers(9, 10 + k);
        auto r = numbers(9, 40 + k);
        if (dot(g, r) >= 0) r = scaled(r, -1);
        auto wanted = g;
        for (std::size_t i = 0; i < g.size(); ++i) wanted[i] -= dot(g, r) / dot(r, r) * r[i];
        const auto once = followed({1}, g, r);
        CHECK(distance(once, wanted) < 1e-5);
        CHECK(std::abs(dot(once, r)) <= 1e-6 * std::sqrt(dot(g, g) * dot(r, r))); // float32
        CHECK(distance(followed({1}, once, r), once) < 1e-6);                     // once is enough
        CHECK(distance(followed({1}, g, scaled(r, 10)), once) < 1e-6); // r's length says nothing
        CHECK(followed({1}, g, scaled(r, 8)) == once); // a power of two not even in the bits
    }
}

TEST_CASE("agem: r = 0 changes nothing, and is no NaN") {
    CHECK(followed({1}, {1, 2}, {0, 0}) == Vector{1, 2});
    CHECK(followed({1}, {-1, 2}, {1e-25, 0}) == Vector{-1, 2}); // g.r < 0, but r.r is 0 in float32
}

TEST_CASE("agem: the share of steps that violate is counted from each task's beginning") {
    SessionFixture fixture(two_classes());
    for (int64_t t : {0, 1, 2}) fixture.set_examples(t, make_task_data(4, 2, {0, 1}, 1));
    PluginLearner learner(fixture, "agem", Json::object(), {{"lr", 1}, {"momentum", 0}});
    learner.begin_task(0);
    learner.observe(with_gradient(1, {-1, 0}, 0), 0, 0);
    learner.end_task(0);
    learner.begin_task(1);
    learner.put("weights.theta", nothing(fixture));
    learner.observe(with_gradient(1, {1, 0}, 1), 1, 0); // against what is remembered
    CHECK(learner.state().at("violations") == Vector{1});
    CHECK(learner.state().at("steps") == Vector{1});
    learner.end_task(1);
    learner.begin_task(2);
    CHECK(learner.state().at("violations") == Vector{0});
    CHECK(learner.state().at("steps") == Vector{0});
}

TEST_CASE("agem: replicas side by side equal each alone, one violating and one not") {
    const Vector g1 = numbers(6, 3), g2 = numbers(6, 4);
    Vector r1 = numbers(6, 5), r2 = numbers(6, 6);
    if (dot(g1, r1) >= 0) r1 = scaled(r1, -1);
    if (dot(g2, r2) < 0) r2 = scaled(r2, -1);
    const auto join = [](Vector a, const Vector& b) {
        return a.insert(a.end(), b.begin(), b.end()), a;
    };
    const auto both = followed({7, 9}, join(g1, g2), join(r1, r2));
    CHECK(both == join(followed({7}, g1, r1), followed({9}, g2, r2)));
    CHECK(both == join(followed({7}, g1, r1), followed({9}, g2, {}, "finetune")));
    CHECK(distance(followed({7}, g1, r1), g1) > 1e-2);
}

TEST_CASE("agem: the first task is plain descent, and the current task is never the reference") {
    SessionFixture fixture({.hidden = {5}, .seeds = {1, 2}, .dropout = 0.25}),
        other({.hidden = {5}, .seeds = {1, 2}, .dropout = 0.25});
    const Json train = {{"lr", 0.1}, {"momentum", 0.5}};
    for (SessionFixture* d : {&fixture, &other})
        for (int64_t t : {0, 1}) d->set_examples(t, make_task_data(12, 3, {0, 1, 2}, 3));
    PluginLearner agem(fixture, "agem", Json::object(), train),
        naive(other, "finetune", Json::object(), train);
    agem.begin_task(0), naive.begin_task(0);
    for (uint32_t k = 0; k < 6; ++k) {
        const auto b = batch(2, numbers(2 * 4 * 3, k), {0, 1, 2, 0, 2, 1, 1, 0});
        agem.observe(b, 0, k), naive.observe(b, 0, k);
        CHECK(agem.theta() == naive.theta());
        CHECK(agem.state()["memory.store.x"].empty());
    }
    agem.end_task(0);
    CHECK(agem.state()["memory.store.x"].size() == 2 * 3 * 3); // one of each class
    agem.begin_task(1);
    agem.observe(
        batch(2, numbers(2 * 4 * 3, 9), {0, 1, 2, 0, 2, 1, 1, 0}, std::vector<int64_t>(8, 1)), 1,
        0);
    CHECK(agem.state()["memory.store.task"] == std::vector<double>(6, 0));
    CHECK(agem.state()["steps"] == std::vector<double>(2, 1));
}
