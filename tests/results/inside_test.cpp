// SPDX-License-Identifier: Apache-2.0
// Metrics over evaluations within tasks, predictions and references, against values by hand.
#include "catch.hpp"

#include <cmath>

#include "formulas.hpp"
#include "sample.hpp"

#include <results/run_metrics.hpp>

using namespace mneme::results;

namespace {

// Two tasks; accuracy on the first is 0.9 at the end of both, and falls to 0.2 in between.
Block dip() {
    Block block = Block::blank({"a"}, {1}, {"one", "two"}, 0, 0);
    block.n_evaluated.data = {100, 100};
    block.n_correct.data = {90, 10, 90, 80};
    block.initial_correct.data = {10, 10};
    block.continual_evaluated = {{2}, 100};
    block.continual_step = {{1, 1, 2, 4}, -1};
    block.continual_step.data = {10, 20, 30, 40, 10, 20, 30, 40};
    block.continual_correct = {{1, 1, 2, 4, 2}, -1};
    const std::vector<std::int32_t> first{50, 70, 80, 90, 20, 40, 90, 90}, second{30, 50, 70, 80};
    for (std::size_t k = 0; k < 8; ++k) block.continual_correct.data[2 * k] = first[k];
    for (std::size_t k = 0; k < 4; ++k) block.continual_correct.data[2 * (4 + k) + 1] = second[k];
    return block;
}

} // namespace

TEST_CASE("a stream that forgets in the middle and recovers: min-ACC is below the matrix") {
    const Block block = dip();
    CHECK(std::abs(of_first_run(block, "average_accuracy") - 0.85) < 1e-15);
    CHECK(of_first_run(block, "forgetting") == 0); // the matrix sees nothing of it
    CHECK(of_first_run(block, "min_accuracy") == 0.2);
    CHECK(std::abs(of_first_run(block, "worst_case_accuracy") - (0.5 * 0.8 + 0.5 * 0.2)) < 1e-15);
    // The largest fall: from 0.9 to 0.2 on the first task, none on the second.
    CHECK(std::abs(of_first_run(block, "windowed_forgetting_10") - 0.35) < 1e-15);
    CHECK(std::abs(of_first_run(block, "windowed_plasticity_10") - (0.7 + 0.5) / 2) < 1e-15);
    CHECK(of_first_run(block, "recovery_steps") == 20); // at step 10 lowest, at step 30 back
}

TEST_CASE("a window holds no more points than it says") {
    Block block = dip();
    block.continual_step = {{1, 1, 2, 12}, -1};
    block.continual_correct = {{1, 1, 2, 12, 2}, -1};
    for (std::size_t t = 0; t < 2; ++t)
        for (std::size_t k = 0; k < 12; ++k) {
            block.continual_step.at({0, 0, t, k}) = static_cast<std::int32_t>(k + 1);
            for (std::size_t j = 0; j <= t; ++j) // falls by one hundredth a point
                block.continual_correct.at({0, 0, t, k, j}) =
                    90 - static_cast<std::int32_t>(12 * (t - j) + k);
        }
    // Ten points in a row have nine steps between them; the first task has 24 points, the second
    // 12.
    CHECK(std::abs(of_first_run(block, "windowed_forgetting_10") - 0.09) < 1e-15);
    CHECK(std::abs(of_first_run(block, "windowed_forgetting_100") - (0.23 + 0.11) / 2) < 1e-15);
    CHECK(of_first_run(block, "windowed_plasticity_10") == 0);
}

TEST_CASE("what was not evaluated gives NaN, and never a number") {
    Block block = dip();
    block.continual_correct.at({0, 0, 1, 2, 0}) = -1;
    for (const char* name : {"min_accuracy", "worst_case_accuracy", "windowed_forgetting_10",
                             "windowed_plasticity_100", "recovery_steps"})
        CHECK(std::isnan(of_first_run(block, name)));
    CHECK_FALSE(applies(formula("metrics/intransigence"), block)); // no joint is there
    CHECK_FALSE(applies(formula("metrics/calibration_error"), block));
}

TEST_CASE("intransigence and transfer are differences to joint and single of the same seed") {
    const Block block = test::inside_block();
    const Array<double> a = accuracy(block);
    const auto diagonal = [&](std::size_t m, std::size_t n, std::size_t j) {
        return a.at({m, n, j, j});
    };
    const auto lags = formula("metrics/intransigence").value(block);
    const auto gains = formula("metrics/forward_transfer_against_single").value(block);
    for (std::size_t m = 0; m < 3; ++m)
        for (std::size_t n = 0; n < 2; ++n) {
            double lag = 0, gain = 0;
            for (std::size_t j = 0; j < 3; ++j) lag += diagonal(1, n, j) - diagonal(m, n, j);
            for (std::size_t j = 1; j < 3; ++j) gain += diagonal(m, n, j) - diagonal(2, n, j);
            CHECK(std::abs(lags.at({m, n}) - lag / 3) < 1e-15);
            CHECK(std::abs(gains.at({m, n}) - gain / 2) < 1e-15);
        }
    CHECK(lags.at({1, 0}) == 0);
    CHECK(gains.at({2, 1}) == 0);
}

TEST_CASE("metrics of a confusion matrix, of predictions and of losses by hand") {
    Block block = dip();
    block.confusion = {{1, 1, 2, 2, 2}, -1};
    block.confusion.data = {-1, -1, -1, -1, 90, 10, 20, 80}; // labels, then predictions
    CHECK(std::abs(of_first_run(block, "balanced_accuracy") - (0.9 + 0.8) / 2) < 1e-15);
    CHECK(std::abs(of_first_run(block, "macro_f1") - (180. / 210 + 160. / 190) / 2) < 1e-15);
    // Observed 0.85, by chance (100 * 110 + 100 * 90) / 200^2 = 0.5.
    CHECK(std::abs(of_first_run(block, "cohen_kappa") - 0.7) < 1e-15);
    block.loss = {{1, 1, 2, 2}, 0.0};
    block.loss.data = {9, 9, 0.25, 0.75};
    CHECK(of_first_run(block, "negative_log_likelihood") == 0.5);
    block.calibration_squared_error = {{1, 1, 2, 2}, 0.0};
    block.calibration_squared_error.data = {1, 2, 30, 10};
    CHECK(of_first_run(block, "brier_score") == 0.2);
    CHECK(formula("calibration/brier_score").value(block).data ==
          std::vector<double>{0.01, 0.02, 0.3, 0.1});
    block.n_evaluated.data = {4, 1};
    block.labels = {{1, 5}, 0};
    block.labels.data = {0, 1, 0, 1, 0};
    block.predictions = {{1, 1, 2, 5}, 0};
    block.predictions.data = {0, 1, 0, 0, 65535, 0, 0, 1, 1, 0}; // two of three were unlearned
    CHECK(of_first_run(block, "negative_flips") == 0.5);
    block.confusion.data[4] = -1;
    CHECK(std::isnan(of_first_run(block, "macro_f1")));
}

TEST_CASE("a metric that is added on request stands in a file alone where it was") {
    Block block = test::inside_block();
    CHECK(applies(formula("metrics/macro_f1"), block));
    CHECK(applies(formula("metrics/brier_score"), block));
    block.added_metrics = {"negative_flips"};
    CHECK_FALSE(applies(formula("metrics/macro_f1"), block));
    CHECK(applies(formula("metrics/negative_flips"), block));
    CHECK(find_run_metric("macro_f1")->higher_is_better);
    CHECK_FALSE(find_run_metric("brier_score")->higher_is_better);
    CHECK(find_run_metric("accuracy") == nullptr);
}
