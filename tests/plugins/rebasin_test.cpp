// SPDX-License-Identifier: Apache-2.0
// RebasinIL: plain training first; then a step of X and of the residual, what is deployed, what the
// controls leave alone.
#include "catch.hpp"

#include <cmath>

#include <mneme/autograd.hpp>
#include <mneme/rebasin.hpp>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

const Layout layout{.features = 3, .hidden = {6, 5}, .seeds = {1, 2}};
const Phase train{.name = "train", .epochs = 1}, rebasin{.name = "rebasin", .epochs = 1};

Batch task_batch(int64_t task, uint32_t which) {
    return batch(2, numbers(2 * 8 * 3, which), {0, 1, 2, 0, 2, 1, 1, 0, 2, 2, 1, 0, 0, 1, 2, 1},
                 std::vector<int64_t>(16, task));
}

// A learner after its first task, at the start of the second, with a memory whose rows weigh
// nothing.
struct Class {
    explicit Class(const Json& options = Json::object()) : fixture(layout) {
        for (int64_t t : {0, 1})
            fixture.set_examples(t, make_task_data(12, 3, {0, 1, 2}, static_cast<uint32_t>(t)));
        learner = std::make_unique<PluginLearner>(fixture, "rebasin", options);
        learner->begin_task(0);
        learner->begin_phase(train, 0);
        for (uint32_t k = 0; k < 4; ++k) learner->observe(task_batch(0, k), 0, k);
        learner->end_phase(train, 0);
        learner->end_task(0);
        learner->begin_task(1);
        learner->begin_phase(rebasin, 1);
        learner->put("memory.store.weight",
                     std::vector<double>(learner->state()["memory.store.weight"].size(), 0));
    }
    void steps(uint32_t from, uint32_t to) {
        for (uint32_t k = from; k < to; ++k) learner->observe(task_batch(1, 20 + k), 1, k);
    }
    Tensor row(const std::string& name) const {
        return tensor(learner->state()[name], {2, fixture.net().columns()}, DType::float32);
    }
    Tensor x(std::size_t group) const {
        const int64_t n = layout.hidden[group];
        return tensor(learner->state()["rebasin.~x" + std::to_string(group)], {2, n, n},
                      DType::float32);
    }
    void identity(double size) { // X = size I
        for (std::size_t group : {0u, 1u}) {
            const auto n = static_cast<std::size_t>(layout.hidden[group]);
            std::vector<double> value(2 * n * n, 0);
            for (std::size_t k = 0; k < 2 * n; ++k)
                value[(k / n) * n * n + (k % n) * (n + 1)] = size;
            learner->put("rebasin.~x" + std::to_string(group), value);
        }
    }
    Tensor deployed(double keep) const { // from what is kept
        const auto a = row("weights.theta");
        return keep * a + (1 - keep) * permuted(fixture.net().layers(), a, assigned({x(0), x(1)})) +
               row("~delta");
    }
    SessionFixture fixture;
    std::unique_ptr<PluginLearner> learner;
};

} // namespace

TEST_CASE(
    "rebasin: the first task is plain training by AdamW at 1e-3 with decay .01, bit for bit") {
    SessionFixture fixture(layout), other(layout);
    for (SessionFixture* d : {&fixture, &other})
        d->set_examples(0, make_task_data(12, 3, {0, 1, 2}, 1)),
            d->set_examples(1, make_task_data(12, 3, {0, 1, 2}, 2));
    PluginLearner own(fixture, "rebasin"),
        plain(other, "finetune", Json::object(),
              {{"optimizer", "adamw"}, {"lr", 1e-3}, {"weight_decay", 0.01}});
    for (PluginLearner* s : {&own, &plain}) {
        s->begin_task(0);
        CHECK(s->phases(0)[0].name == "train");
        s->begin_phase(train, 0);
        for (uint32_t k = 0; k < 5; ++k) s->observe(task_batch(0, k), 0, k);
        s->end_phase(train, 0), s->end_task(0);
    }
    CHECK(own.theta() == plain.theta());
    own.begin_task(1);
    CHECK(own.phases(1).size() == 1);
    CHECK(own.phases(1)[0].name == "rebasin");
}

TEST_CASE(
    "rebasin: keep 1 without a residual, and neither permutations nor residual, leave theta as it "
    "is") {
    for (const Json& options :
         {Json{{"keep", 1}, {"residual", false}}, Json{{"permute", false}, {"residual", false}}}) {
        Class c(options);
        const auto before = c.learner->theta();
        c.steps(0, 4);
        c.learner->end_phase(rebasin, 1);
        CHECK(c.learner->theta() == before);
    }
}

TEST_CASE("rebasin: at X with a huge diagonal the gradient is the one at theta_A + delta") {
    Class c(Json{{"clip", 1e9}, {"residual_decay", 0}, {"residual_lr", 0.5}});
    c.identity(1e4);
    const auto a = c.row("weights.theta"), delta = c.row("~delta");
    CHECK(largest(delta.to_vector()) > 1e-5);
    CHECK(largest(delta.to_vector()) < 1e-3);
    CHECK(largest((delta * (1 - c.fixture.net().real().to(DType::float32))).to_vector()) == 0);
    const auto g = c.fixture.net().gradient({a + delta, c.fixture.net().initial().stats},
                                            task_batch(1, 20), Mode::eval);
    c.steps(0, 1);
    CHECK(distance(c.row("~delta").to_vector(), (delta - 0.5 * g).to_vector()) < 1e-5);
    CHECK(c.learner->theta() == a.to_vector()); // theta_A stands still within the task
    c.learner->end_phase(rebasin, 1);
    CHECK(distance(c.learner->theta(), (a + delta - 0.5 * g).to_vector()) < 1e-5);
}

TEST_CASE("rebasin: a step moves the residual by at most residual_lr clip, plus decay") {
    Class c(Json{{"clip", 0.001}, {"residual_lr", 0.05}, {"residual_decay", 0.1}});
    for (uint32_t k = 0; k < 3; ++k) {
        const auto before = c.row("~delta").to_vector();
        c.steps(k, k + 1);
        const auto after = c.row("~delta").to_vector();
        double most = 0;
        for (std::size_t i = 0; i < before.size(); ++i)
            most = std::max(most, std::abs(after[i] - before[i] * (1 - 0.05 * 0.1)));
        CHECK(most == Approx(0.05 * 0.001).epsilon(1e-3)); // some entry is cut
    }
}

TEST_CASE(
    "rebasin: X takes AdamW's first step along the whole chain's gradient, as recording finds it") {
    Class c(Json{{"n_iter", 200}, {"perm_lr", 0.1}, {"perm_decay", 0.01}});
    const auto theta = c.row("weights.theta").to(DType::float64),
               delta = c.row("~delta").to(DType::float64);
    const auto rows = task_batch(1, 20);
    const std::vector<Tensor> x{c.x(0).to(DType::float64), c.x(1).to(DType::float64)};
    const auto y = rows.y.to_vector();
    const auto slopes = mneme::gradients(x, [&](const std::vector<Tensor>& leaf) {
        Permutations p;
        for (auto m : leaf) {
            for (int k = 0; k < 200; ++k) m = m.log_softmax(1).log_softmax(2);
            p.push_back(m.exp());
        }
        const auto middle =
            (theta + border::permuted(c.fixture.net().layers(), theta, p)) * 0.5 + delta;
        Tensor sum = zeros({1}, DType::float64);
        for (int64_t r = 0; r < 2; ++r)
            for (int64_t b = 0; b < 8; ++b) {
                const Example e{rows.x.select(0, r).narrow(0, b, 1).to(DType::float64),
                                static_cast<int64_t>(y[static_cast<std::size_t>(r * 8 + b)]),
                                {0, 1, 2}};
                sum = sum + e.loss(c.fixture.net(), middle.select(0, r), e.label) * 0.125;
            }
        return sum;
    });
    c.steps(0, 1);
    for (std::size_t group : {0u, 1u}) {
        const auto before = x[group].to_vector(), after = c.x(group).to_vector(),
                   g = slopes[group].to_vector();
        const double size = largest(g);
        int64_t told = 0;
        for (std::size_t k = 0; k < g.size(); ++k) {
            if (std::abs(g[k]) < 1e-2 * size) continue; // rounding could turn the sign
            ++told;
            CHECK(after[k] ==
                  Approx(before[k] * (1 - 0.1 * 0.01) - 0.1 * g[k] / (std::abs(g[k]) + 1e-8))
                      .margin(1e-4));
        }
        CHECK(told > static_cast<int64_t>(g.size()) / 2);
    }
}

TEST_CASE(
    "rebasin: what is deployed is keep theta_A + (1 - keep) pi_P(theta_A) + delta, in the middle "
    "of a task too") {
    Class c(Json{{"keep", 0.75}, {"perm_lr", 1.0}});
    c.steps(0, 6);
    const auto a = c.learner->theta();
    const auto wanted = c.deployed(0.75);
    CHECK(assigned({c.x(0)})[0].to_vector() !=
          std::vector<double>{0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5}); // some unit has moved
    const auto inputs = task_batch(1, 99).x;
    const auto digest = c.learner->digest();
    const auto now = c.learner->predict(inputs, {}).to_vector();
    CHECK(now == c.fixture.net()
                     .logits({wanted, c.fixture.net().initial().stats}, inputs, Mode::eval)
                     .to_vector());
    CHECK(c.learner->digest() == digest);
    CHECK(c.learner->theta() == a);
    c.learner->end_phase(rebasin, 1);
    CHECK(c.learner->theta() == wanted.to_vector());
    CHECK(c.learner->predict(inputs, {}).to_vector() == now);
}

TEST_CASE("rebasin: the controls: delta only, and permutations only") {
    Class only_delta(Json{{"permute", false}}), only_permutations(Json{{"residual", false}});
    const auto a = only_delta.row("weights.theta");
    only_delta.steps(0, 3), only_permutations.steps(0, 3);
    const auto delta = only_delta.row("~delta");
    CHECK(largest(delta.to_vector()) > 0);
    CHECK(largest(only_permutations.row("~delta").to_vector()) == 0);
    only_delta.learner->end_phase(rebasin, 1), only_permutations.learner->end_phase(rebasin, 1);
    CHECK(only_delta.learner->theta() == (a + delta).to_vector());
    CHECK(only_permutations.learner->theta() == only_permutations.row("weights.theta").to_vector());
    CHECK(largest(only_delta.x(0).to_vector()) == 0); // never drawn, never moved
}

TEST_CASE("rebasin: stored rows count in one mean with the current ones") {
    const auto moved = [](double weight) { // of the stored rows; the current ones weigh nothing
        Class c(Json{{"clip", 1e9}});
        c.learner->put(
            "memory.store.weight",
            std::vector<double>(c.learner->state()["memory.store.weight"].size(), weight));
        CHECK(c.learner->state()["memory.store.y"].size() ==
              2 * 12); // 5 a class wanted, 4 there are
        const auto before = c.row("~delta");
        c.learner->observe(weightless(c.fixture, 1), 1, 0);
        return largest((c.row("~delta") - before * (1 - 0.05 * 0.1)).to_vector());
    };
    CHECK(moved(0) < 1e-9);
    CHECK(moved(1) > 1e-4);
}

TEST_CASE("rebasin: a restart in the middle of a phase goes on as if there had been none") {
    Class whole, broken, again;
    whole.steps(0, 5);
    broken.steps(0, 2);
    again.learner->restore(broken.learner->saved());
    again.steps(2, 5);
    CHECK(again.learner->digest() == whole.learner->digest());
    again.learner->end_phase(rebasin, 1), whole.learner->end_phase(rebasin, 1);
    CHECK(again.learner->theta() == whole.learner->theta());
    CHECK(again.learner->theta() != broken.learner->theta());
}

TEST_CASE("rebasin: between tasks it keeps the memory and no more") {
    Class c;
    SessionFixture fixture(layout);
    for (int64_t t : {0, 1})
        fixture.set_examples(t, make_task_data(12, 3, {0, 1, 2}, static_cast<uint32_t>(t)));
    PluginLearner er(fixture, "er", {{"memory_per_class", 5}});
    er.begin_task(0), er.end_task(0);
    CHECK(c.learner->kept_bytes() == er.kept_bytes());
}

TEST_CASE("rebasin: a network without hidden units is refused") {
    SessionFixture fixture(Layout{.features = 3});
    fixture.set_examples(0, make_task_data(12, 3, {0, 1, 2}, 1));
    CHECK(refusal([&] { PluginLearner(fixture, "rebasin"); }) ==
          "network: it has no hidden units, so there is nothing to permute; give it a hidden "
          "layer");
}
