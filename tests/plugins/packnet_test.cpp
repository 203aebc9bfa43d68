// SPDX-License-Identifier: Apache-2.0
// PackNet: who owns which weight, and that what a task is answered with does not change.
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
            .hidden = {5},
            .seeds = {1, 2},
            .scenario = "task",
            .classes = 6,
            .tasks = {{0, 1}, {2, 3}, {4, 5}}};
}

} // namespace

TEST_CASE("packnet: each task takes its share of the free weights, and forgets nothing") {
    const Json train = {{"lr", 0.2}, {"momentum", 0.5}, {"epochs", 2}, {"batch_size", 4}};
    TaskFixture fixture(heads(), "packnet", {{"prune", 0.5}, {"retrain_epochs", 1}}, train);
    const auto x = tensor(numbers(2 * 7 * 3, 8), {2, 7, 3}, DType::float32);
    std::vector<Vector> answers;
    for (int64_t t = 0; t < 3; ++t) {
        fixture.task(t);
        answers.push_back(fixture->predict(x, t).to_vector());
    }
    // 15 weights of the hidden layer: 15 - 7 of the first task, 7 - 3 of the second, 3 - 1 of the
    // third.
    const auto& layer = fixture.fixture.net().layers().at(0);
    REQUIRE(layer.numel == 15);
    const auto owner = fixture->state()["owner"], theta = fixture->theta();
    for (int64_t s = 0; s < 2; ++s) {
        std::vector<int64_t> count(4);
        for (int64_t k = 0; k < layer.numel; ++k) {
            const auto at = std::size_t(s * fixture.fixture.net().columns() + layer.offset + k);
            ++count.at(std::size_t(owner[at]));
            if (owner[at] == 0) CHECK(theta[at] == 0);
        }
        CHECK(count == std::vector<int64_t>{1, 8, 4, 2});
    }
    const std::vector<std::vector<int64_t>> classes{{0, 1}, {2, 3}, {4, 5}};
    for (int64_t t = 0; t < 3; ++t) { // the logits of the task's own classes, to the bit
        const auto now = fixture->predict(x, t).to_vector();
        for (std::size_t row = 0; row < 14; ++row)
            for (int64_t c : classes[std::size_t(t)])
                CHECK(now[6 * row + std::size_t(c)] ==
                      answers[std::size_t(t)][6 * row + std::size_t(c)]);
    }
    CHECK(distance(answers[0], answers[2]) > 1e-3);
}

TEST_CASE("packnet: what is left is what was largest") {
    TaskFixture fixture(heads(), "packnet", {{"prune", 0.4}, {"retrain_epochs", 0}},
                        {{"lr", 0.2}, {"epochs", 1}, {"batch_size", 4}});
    fixture->begin_task(0);
    const auto phase = fixture.resolved(fixture->phases(0).at(0), 0);
    fixture->begin_phase(phase, 0);
    fixture.steps(phase, 0, 0);
    const auto before = fixture->theta();
    fixture->end_phase(phase, 0);
    const auto owner = fixture->state()["owner"];
    const auto& layer = fixture.fixture.net().layers().at(0);
    double least_kept = 1e30, most_dropped = 0;
    for (int64_t k = 0; k < layer.numel; ++k) {
        const auto at = std::size_t(layer.offset + k);
        if (owner[at] > 0) least_kept = std::min(least_kept, std::abs(before[at]));
        else most_dropped = std::max(most_dropped, std::abs(before[at]));
    }
    CHECK(least_kept >= most_dropped);
    CHECK(most_dropped > 0);
}
