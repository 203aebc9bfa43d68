// SPDX-License-Identifier: Apache-2.0
// The optimiser along a stream: its state at a task's start, its rate from task to task.
#include "catch.hpp"

#include <cmath>

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

const Layout layout{.seeds = {1, 2}, .tasks = std::vector<std::vector<int64_t>>(7, {0, 1, 2})};

Task start(SessionFixture& fixture, int64_t task) {
    fixture.begin_task(task);
    fixture.set_examples(task, make_task_data(3, 3, {0, 1, 2}, 1));
    return fixture.task(task);
}

} // namespace

TEST_CASE("with momentum the first step of each task is -lr g, bit for bit") {
    SessionFixture fixture(layout);
    auto descend = fixture.setup(Json::object(), {{"momentum", 0.8}, {"lr", 0.25}}).optimizer();
    auto theta = fixture.net().initial().theta;
    const auto shape = theta.shape();
    for (int64_t t = 0; t < 3; ++t) {
        descend.begin(start(fixture, t));
        for (uint32_t k = 0; k < 4; ++k) {
            const auto g = tensor(numbers(theta.numel(), k + 1), shape, DType::float32),
                       wanted = theta - 0.25 * g;
            descend(theta, g);
            if (k == 0) CHECK(theta.to_vector() == wanted.to_vector());
            else CHECK(theta.to_vector() != wanted.to_vector()); // then the velocity is felt
        }
    }
}

TEST_CASE("a state that is not reset lives on in the next task") {
    for (const char* rule : {"sgd", "adam", "adamw"}) {
        SessionFixture fixture(layout);
        auto kept = fixture
                        .setup(Json::object(),
                               {{"optimizer", rule}, {"momentum", 0.8}, {"reset_optimizer", false}})
                        .optimizer();
        auto fresh =
            fixture.setup(Json::object(), {{"optimizer", rule}, {"momentum", 0.8}}).optimizer();
        auto a = fixture.net().initial().theta, b = a.clone();
        const auto g = tensor(numbers(a.numel(), 4), a.shape(), DType::float32),
                   h = tensor(numbers(a.numel(), 5), a.shape(), DType::float32);
        for (int64_t t = 0; t < 2; ++t) {
            kept.begin(start(fixture, t)), fresh.begin(fixture.task(t));
            kept(a, t ? h : g), fresh(b, t ? h : g);
            CHECK((a.to_vector() == b.to_vector()) == (t == 0));
        }
    }
}

TEST_CASE("a fresh state after a task equals a new optimiser") {
    for (const char* rule : {"sgd", "adam", "adamw"}) {
        SessionFixture fixture(layout);
        const Json train = {{"optimizer", rule}, {"momentum", 0.8}, {"weight_decay", 0.1}};
        auto used = fixture.setup(Json::object(), train).optimizer(),
             fresh = fixture.setup(Json::object(), train).optimizer();
        auto a = fixture.net().initial().theta;
        const auto start_values = a.clone();
        used.begin(start(fixture, 0));
        for (uint32_t k = 0; k < 3; ++k)
            used(a, tensor(numbers(a.numel(), k), a.shape(), DType::float32));
        a = start_values.clone();
        auto b = start_values.clone();
        used.begin(start(fixture, 1)), fresh.begin(fixture.task(1));
        for (uint32_t k = 0; k < 3; ++k) {
            const auto g = tensor(numbers(a.numel(), 9 + k), a.shape(), DType::float32);
            used(a, g), fresh(b, g);
        }
        CHECK(a.to_vector() == b.to_vector());
    }
}

TEST_CASE("the rate of task t is max(lr_min, lr decay^(t-1))") {
    SessionFixture fixture(layout);
    auto descend =
        fixture.setup(Json::object(), {{"lr", 0.1}, {"lr_decay", 0.5}, {"lr_min", 0.004}})
            .optimizer();
    for (int64_t t : {0, 1, 2, 3, 4, 5, 6, 2, 0}) { // a rate does not come from the one before it
        descend.begin(start(fixture, t));
        const double wanted = std::max(0.004, 0.1 * std::pow(0.5, double(t)));
        for (double rate : descend.rate().to_vector()) CHECK(rate == Approx(wanted).epsilon(1e-6));
    }
    auto flat = fixture.setup(Json::object(), {{"lr", 0.1}}).optimizer();
    flat.begin(start(fixture, 6));
    CHECK(flat.rate().to_vector() == std::vector<double>(2, static_cast<double>(0.1f)));
}

TEST_CASE("a method's own defaults stand below what a suite says") {
    SessionFixture fixture(layout);
    const TrainDefaults own{.lr = 0.03,
                            .momentum = 0,
                            .rule = Rule::adam,
                            .weight_decay = 0.5,
                            .reset_optimizer = false};
    const auto plain = fixture.setup().recipe(own);
    CHECK(plain.lr.to_vector() == std::vector<double>(2, static_cast<double>(0.03f)));
    CHECK((plain.rule == Rule::adam && plain.momentum == 0 && plain.weight_decay == 0.5 &&
           !plain.reset));
    const auto told =
        fixture
            .setup(Json::object(),
                   {{"lr", 2}, {"optimizer", "sgd"}, {"momentum", 0.25}, {"reset_optimizer", true}})
            .recipe(own);
    CHECK(told.lr.to_vector() == std::vector<double>(2, 2));
    CHECK((told.rule == Rule::sgd && told.momentum == 0.25 && told.weight_decay == 0.5 &&
           told.reset));
    CHECK(refusal([&] {
              fixture.setup(Json::object(), {{"momentum", 1}}).recipe();
          }) == "suite: momentum = 1 is out of bounds; expected momentum >= 0 and < 1");
    CHECK(refusal([&] {
              fixture.setup(Json::object(), {{"dropout", 1}}).recipe();
          }) == "suite: dropout = 1 is out of bounds; expected dropout >= 0 and < 1");
}

TEST_CASE("a rate that is set holds until the next task") {
    SessionFixture fixture({.seeds = {1, 2}});
    fixture.set_examples(0, make_task_data(3, 3, {0, 1, 2}, 1));
    auto& s = fixture.setup(Json::object(), {{"lr", 0.5}, {"momentum", 0}});
    auto descend = s.optimizer();
    auto theta = zeros({2, 16});
    const auto g = zeros({2, 16}) + 1;
    descend.begin(fixture.task(0));
    descend.set_rate(Tensor::of(std::vector<float>{0.25, 2}, {2, 1}));
    descend(theta, g);
    CHECK(theta.select(1, 0).to_vector() == std::vector<double>{-0.25, -2});
    descend.begin(fixture.task(0));
    descend(theta, g);
    CHECK(theta.select(1, 0).to_vector() == std::vector<double>{-0.75, -2.5});
}
