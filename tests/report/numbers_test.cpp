// SPDX-License-Identifier: Apache-2.0
#include <report/numbers.hpp>

#include <catch.hpp>
#include <sample.hpp>

#include <cmath>

using namespace mneme;
using namespace mneme::report;

TEST_CASE("a mean of what is known leaves out NaN, and is NaN of nothing") {
    MeanOfKnown mean;
    mean.add(std::nan(""));
    CHECK(std::isnan(mean.value()));
    for (double x : {1.0, std::nan(""), 4.0}) mean.add(x);
    CHECK(mean.value() == 2.5);
}

TEST_CASE("means are of complete seeds, and the words say which are not") {
    results::Block block = results::test::domain_block({"a"}, {1, 2, 3});
    CHECK(seeds_in_words(block, 0) == "3 seeds");
    block.outcome.at({0, 1}) = std::int32_t(results::Outcome::diverged);
    CHECK(seeds_in_words(block, 0) == "2 of 3 seeds; seed 2 diverged");
    const std::vector<double> mean = mean_over_seeds(block, 0, accuracy_of);
    const std::vector<double> first = accuracy_of(block, 0, 0), third = accuracy_of(block, 0, 2);
    for (std::size_t k = 0; k < mean.size(); ++k) CHECK(mean[k] == (first[k] + third[k]) / 2);
}

TEST_CASE("a method without a complete seed has no mean") {
    results::Block block = results::test::domain_block({"a"}, {1});
    block.outcome.at({0, 0}) = std::int32_t(results::Outcome::failed);
    for (double value : mean_over_seeds(block, 0, accuracy_of)) CHECK(std::isnan(value));
    CHECK(std::isnan(cost_of(block, 0).accuracy));
}

TEST_CASE("accuracy over tasks: its last entry is the average accuracy, its band the t interval") {
    results::Block block = results::test::domain_block({"a"}, {1, 2});
    const Curve curve = accuracy_over_tasks(block, 0);
    double sum[2] = {0, 0};
    for (std::size_t s : {0, 1})
        for (std::size_t j = 0; j < 3; ++j) sum[s] += accuracy_of(block, 0, s)[6 + j];
    CHECK(curve.mean.back() == Approx((sum[0] + sum[1]) / 6));
    // t(0.975, 1) = 12.7062; s / sqrt(2) = |x1 - x2| / 2
    CHECK(curve.half.back() == Approx(12.7062 * std::abs(sum[0] - sum[1]) / 6).epsilon(1e-5));
}

TEST_CASE("points of a loss curve are joined within a task, never across") {
    results::Block block = results::test::domain_block({"a"}, {1});
    block.task_of_point.data = {1, 1, 1, 2, 2, 2};
    const auto spans = point_spans(block, 3);
    REQUIRE(spans.size() == 4);
    CHECK((spans[1].begin == 2 && spans[1].end == 3 && spans[1].task == 1));
    const std::vector<double> loss = loss_over_spans(block, 0, spans);
    CHECK(loss[0] == Approx((block.train_loss.data[0] + block.train_loss.data[1]) / 2));
}
