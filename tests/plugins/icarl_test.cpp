// SPDX-License-Identifier: Apache-2.0
// iCaRL: its slope by hand, exemplars and answers on inputs that are their own features.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

const TaskData corners{{255, 0, 255, 51, 0, 255, 51, 255, 255, 102}, {0, 0, 1, 1, 0}};

} // namespace

TEST_CASE("icarl: the first task's slope is sigmoid - label, class by class") {
    SessionFixture fixture(two_classes());
    fixture.set_examples(0, corners);
    PluginLearner icarl(fixture, "icarl", Json::object(),
                        {{"lr", 1}, {"momentum", 0}, {"weight_decay", 0}});
    icarl.begin_task(0);
    const Vector now{-0.5, 1.5, 1, -0.75}, x{0.8, -0.6};
    auto theta = nothing(fixture);
    std::copy(now.begin(), now.end(), theta.begin());
    icarl.put("weights.theta", theta);
    icarl.observe(batch(1, x, {1}), 0, 0);
    const auto after = icarl.theta();
    double loss = 0;
    for (std::size_t c = 0; c < 2; ++c) {
        const double z = now[2 * c] * x[0] + now[2 * c + 1] * x[1], g = 1 / (1 + std::exp(-z));
        loss -= std::log(c == 1 ? g : 1 - g);
        for (std::size_t j = 0; j < 2; ++j)
            CHECK(after[2 * c + j] ==
                  Approx(now[2 * c + j] - (g - (c == 1 ? 1 : 0)) * x[j]).margin(1e-6));
    }
    CHECK(fixture.train_loss().first.at(0) == Approx(loss).epsilon(1e-6));
}

TEST_CASE("icarl: exemplars are herded, and the nearest of their means answers") {
    SessionFixture fixture(two_classes());
    fixture.set_examples(0, corners);
    PluginLearner icarl(fixture, "icarl", {{"memory", 2}});
    icarl.begin_task(0), icarl.end_task(0);
    const auto kept = icarl.state();
    CHECK(kept.at("store.y") == Vector{0, 1});
    // Of class 0 at 0, 11.3 and 21.8 degrees the mean lies near the second; of the two of class 1
    // the first wins a tie or the rounding decides.
    CHECK(kept.at("store.x").at(0) == 1);
    CHECK(kept.at("store.x").at(1) == Approx(0.2));
    const auto scores =
        icarl.predict(tensor({2, 0.1, 0.1, 3, 1, 0.9}, {1, 3, 2}, DType::float32), 0).to_vector();
    CHECK(scores[0] > scores[1]);
    CHECK(scores[2] < scores[3]);
    CHECK(scores[4] > scores[5]);
    CHECK(scores[0] == Approx((1 + 0.1 / 2 * 0.2) / std::hypot(1, 0.05) / std::hypot(1, 0.2)));
}

TEST_CASE("icarl: at the last task's weights the old classes have no slope") {
    SessionFixture fixture({.features = 2,
                            .seeds = {1, 2},
                            .scenario = "class",
                            .classes = 4,
                            .tasks = {{0, 1}, {2, 3}}});
    for (int64_t t : {0, 1}) fixture.set_examples(t, make_task_data(8, 2, {2 * t, 2 * t + 1}, 1));
    PluginLearner icarl(fixture, "icarl", {{"memory", 4}},
                        {{"lr", 1}, {"momentum", 0}, {"weight_decay", 0}});
    icarl.begin_task(0), icarl.end_task(0);
    icarl.begin_task(1);
    const auto before = icarl.theta();
    icarl.observe(batch(2, numbers(8, 1), {2, 3, 3, 2}, {1, 1, 1, 1}), 1, 0);
    const auto after = icarl.theta();
    const auto old = fixture.net().head_columns({0, 1}).to(DType::float32).to_vector(),
               own = fixture.net().head_columns({2, 3}).to(DType::float32).to_vector();
    const auto columns = std::size_t(fixture.net().columns());
    for (std::size_t k = 0; k < after.size(); ++k) {
        if (old[k % columns] > 0) CHECK(std::abs(after[k] - before[k]) < 1e-6);
        if (own[k % columns] > 0) CHECK(after[k] != before[k]);
    }
    icarl.end_task(1);
    auto classes = icarl.state().at("store.y");
    CHECK(classes == Vector{0, 1, 2, 3, 0, 1, 2, 3}); // one of each: 4 rows, 4 classes
}

TEST_CASE("icarl: an exemplar counts as a row of the task, or with `batch` as one of the step's") {
    const Layout layout{
        .features = 2, .scenario = "class", .classes = 4, .tasks = {{0, 1}, {2, 3}}};
    const auto slope = [&](const char* replay, int64_t rows) {
        SessionFixture fixture(layout);
        fixture.set_examples(0, make_task_data(8, 2, {0, 1}, 1));
        fixture.set_examples(1, make_task_data(rows, 2, {2, 3}, 1));
        PluginLearner icarl(fixture, "icarl",
                            {{"memory", 4}, {"memory_batch", 4}, {"replay", replay}},
                            {{"lr", 1}, {"momentum", 0}, {"weight_decay", 0}});
        icarl.begin_task(0), icarl.end_task(0);
        icarl.begin_task(1);
        const auto before = icarl.theta();
        icarl.observe(batch(1, numbers(8, 1), {2, 3, 3, 2}, {1, 1, 1, 1}), 1, 0);
        auto after = icarl.theta();
        for (std::size_t k = 0; k < after.size(); ++k) after[k] -= before[k];
        return after;
    };
    // As many exemplars as rows in the task: both count the same. Beside very many they vanish;
    // beside twice as many they have a third of the slope.
    const auto same = slope("union", 4), joined = slope("batch", 4), third = slope("union", 8),
               none = slope("union", 400'000);
    double apart = 0;
    for (std::size_t k = 0; k < same.size(); ++k) {
        CHECK(same[k] == Approx(joined[k]).margin(1e-6));
        CHECK(third[k] == Approx(none[k] / 3 + 2 * same[k] / 3).margin(1e-5));
        apart += std::abs(none[k] - same[k]);
    }
    CHECK(apart > 0.01);
}

TEST_CASE(
    "icarl: without unit_length the nearest mean answers, not the one that points most alike") {
    SessionFixture fixture(two_classes());
    fixture.set_examples(0, corners);
    PluginLearner icarl(fixture, "icarl", {{"memory", 2}, {"unit_length", false}});
    icarl.begin_task(0), icarl.end_task(0);
    const auto x = icarl.state().at("store.x");
    const auto scores = icarl.predict(tensor({0, 0}, {1, 1, 2}, DType::float32), 0).to_vector();
    for (std::size_t c : {0, 1}) // 2 x.m - m.m at x = 0
        CHECK(scores[c] == Approx(-x[2 * c] * x[2 * c] - x[2 * c + 1] * x[2 * c + 1]));
}
