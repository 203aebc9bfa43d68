// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"

#include <cmath>
#include <limits>
#include <set>

#include <results/metrics.hpp>

using namespace mneme::results;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

double value(const char* name, const std::vector<double>& a, const std::vector<double>& b) {
    const Metric* metric = find_metric(name);
    REQUIRE(metric != nullptr);
    return metric->value({a, b.size()}, b);
}

const std::vector<double> oracle{.80, .20, .10, .12, .93, .92, .15, .11,
                                 .84, .70, .94, .13, .86, .75, .60, .96};
const std::vector<double> untrained{.10, .11, .09, .10};
const std::vector<double> improving{.80, .10, .10, .85, .80, .10, .90, .85, .80};
const std::vector<double> nothing{.1, .1, .1};

} // namespace

TEST_CASE("the oracle matrix has the published values under every definition") {
    const auto is = [](const char* name, double wanted) {
        INFO(name);
        CHECK(value(name, oracle, untrained) == Approx(wanted).margin(1e-12));
    };
    is("average_accuracy", .7925);
    is("average_incremental_accuracy", (.80 + .925 + 2.48 / 3 + .7925) / 4);
    is("learning_accuracy", .905);
    is("forgetting", .58 / 3);
    is("forgetting_rows_before_last", .58 / 3);
    is("forgetting_all_rows", .58 / 3);
    is("forgetting_minus_sign", -.58 / 3);
    is("first_minus_last", .15);
    is("backward_transfer", -.15);
    is("backward_transfer_gem_code", -.1125);
    is("backward_transfer_all_rows", -.5 / 6);
    is("forward_transfer", .06);
    is("forward_transfer_without_baseline", .16);
    is("worst_task_accuracy", .60);
    // To the digits that are printed in the plan.
    CHECK(std::round(value("average_incremental_accuracy", oracle, untrained) * 1e4) == 8360);
    CHECK(std::round(value("forgetting", oracle, untrained) * 1e4) == 1933);
    CHECK(std::round(value("backward_transfer_all_rows", oracle, untrained) * 1e4) == -833);
}

TEST_CASE("average accuracy after each task") {
    const auto averages = average_accuracy_by_task({oracle, 4});
    REQUIRE(averages.size() == 4);
    CHECK(averages[0] == Approx(.80));
    CHECK(averages[1] == Approx(.925));
    CHECK(averages[2] == Approx(2.48 / 3));
    CHECK(averages[3] == value("average_accuracy", oracle, untrained)); // the same bits
}

TEST_CASE("an improving run has negative forgetting; nothing is clamped") {
    CHECK(value("forgetting", improving, nothing) == Approx(-.05));
    CHECK(value("forgetting_all_rows", improving, nothing) == 0.0);
    CHECK(value("first_minus_last", improving, nothing) == Approx(-.075));
    CHECK(value("backward_transfer", improving, nothing) == Approx(.075));
}

TEST_CASE("the rows of a maximum differ where the best row came before the task was learned") {
    const std::vector<double> a{.5, .9, .2, .5, .6,
                                .3, .5, .4, .7}; // task 2 was better before it was trained
    CHECK(value("forgetting", a, nothing) == Approx((0 + .2) / 2));
    CHECK(value("forgetting_rows_before_last", a, nothing) == Approx((0 + .5) / 2));
    CHECK(value("forgetting_minus_sign", a, nothing) == Approx(-(0 + .5) / 2));
}

TEST_CASE("the forgetting matrix holds max minus now below the diagonal and NaN elsewhere") {
    const auto f = forgetting_matrix({oracle, 4});
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t j = 0; j < 4; ++j) {
            INFO(i << ' ' << j);
            if (j >= i) CHECK(std::isnan(f[i * 4 + j]));
            else CHECK_FALSE(std::isnan(f[i * 4 + j]));
        }
    CHECK(f[1 * 4 + 0] == .80 - .93); // exactly: one subtraction
    CHECK(f[2 * 4 + 0] == .93 - .84);
    CHECK(f[3 * 4 + 0] == .93 - .86);
    CHECK(f[3 * 4 + 1] == .92 - .75);
    CHECK(f[3 * 4 + 2] == .94 - .60);
}

TEST_CASE("NaN in, NaN out") {
    auto last_row_only = oracle; // a learner that trains once, on all tasks together
    for (std::size_t k = 0; k < 12; ++k) last_row_only[k] = not_a_number;
    CHECK(value("average_accuracy", last_row_only, untrained) == Approx(.7925));
    CHECK(value("worst_task_accuracy", last_row_only, untrained) == .60);
    for (const char* name :
         {"forgetting", "backward_transfer", "learning_accuracy", "forward_transfer",
          "average_incremental_accuracy", "forgetting_all_rows", "forgetting_rows_before_last",
          "forgetting_minus_sign", "first_minus_last", "backward_transfer_gem_code",
          "backward_transfer_all_rows", "forward_transfer_without_baseline"}) {
        INFO(name);
        CHECK(std::isnan(value(name, last_row_only, untrained)));
    }
    auto hole = oracle;
    hole[1 * 4 + 0] = not_a_number; // a maximum must not step over it
    CHECK(std::isnan(value("forgetting", hole, untrained)));
    CHECK(std::isnan(forgetting_matrix({hole, 4})[3 * 4 + 0]));
    CHECK(forgetting_matrix({hole, 4})[3 * 4 + 1] == .92 - .75);
    auto end = oracle;
    end[15] = not_a_number;
    CHECK(std::isnan(value("worst_task_accuracy", end, untrained)));
    CHECK(std::isnan(value("average_accuracy", end, untrained)));
    auto no_baseline = untrained;
    no_baseline[2] = not_a_number;
    CHECK(std::isnan(value("forward_transfer", oracle, no_baseline)));
}

TEST_CASE("one task has an accuracy but no forgetting and no transfer") {
    const std::vector<double> a{.5}, b{.1};
    CHECK(value("average_accuracy", a, b) == .5);
    CHECK(value("learning_accuracy", a, b) == .5);
    CHECK(value("worst_task_accuracy", a, b) == .5);
    for (const char* name : {"forgetting", "backward_transfer", "forward_transfer",
                             "forgetting_all_rows", "backward_transfer_all_rows"})
        CHECK(std::isnan(value(name, a, b)));
}

TEST_CASE("every metric says what it is, once") {
    std::set<std::string> names;
    for (const Metric& metric : metrics()) {
        CHECK(names.insert(metric.name).second);
        CHECK(std::string(metric.formula).size() > 10);
        CHECK(std::string(metric.reference).size() > 5);
        CHECK(std::string(metric.derived_from).find("accuracy") == 0);
    }
    CHECK(names.size() == 14);
    CHECK(std::string(metrics()[stored_metrics - 1].name) ==
          "worst_task_accuracy"); // the stored ones come first
    CHECK(find_metric("accuracy_of_everything") == nullptr);
}

TEST_CASE("forward transfer subtracts the untrained accuracy of the task that comes next") {
    const std::vector<double> a{.9, .3, .2, .8, .9, .4, .7, .8, .9}, b{.05, .1, .25};
    CHECK(value("forward_transfer", a, b) == Approx(((.3 - .1) + (.4 - .25)) / 2));
}
