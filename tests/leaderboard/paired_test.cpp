// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "leaderboard/multiple.hpp"
#include "leaderboard/paired.hpp"
#include "reference.hpp"

using namespace mneme::leaderboard;

TEST_CASE("paired t tests are scipy's") {
    const auto file = reference::json("paired.json");
    const reference::Scores scores(file["input"]);
    std::map<std::string, std::vector<double>> p, p_holm;
    for (const auto& row : file["expected"]) {
        INFO(row["benchmark"] << " " << row["a"] << " " << row["b"]);
        const auto d = scores.differences(row["a"], row["b"], scores.benchmark(row["benchmark"]));
        const auto test = paired_t(d);
        CHECK(d.mean == reference::near(row["mean"], 1e-12));
        CHECK(std::sqrt(d.variance) == reference::near(row["sd"], 1e-12));
        CHECK(test.t == reference::near(row["t"], 1e-12));
        CHECK(d.degrees() == row["df"]);
        CHECK(test.p == reference::near(row["p_t"], 1e-9));
        CHECK(d.mean - test.half == reference::near(row["ci95"][0], 1e-9));
        CHECK(d.mean + test.half == reference::near(row["ci95"][1], 1e-9));
        CHECK(test.dz == reference::near(row["cohen_dz"], 1e-12));
        CHECK(test.gz == reference::near(row["hedges_gz"], 1e-12));
        p[row["benchmark"]].push_back(test.p);
        p_holm[row["benchmark"]].push_back(row["p_holm_of_10"]);
    }
    CHECK(p.size() == 3);
    for (const auto& [benchmark, values] : p) {
        const auto adjusted = holm(values);
        for (std::size_t i = 0; i < adjusted.size(); ++i)
            CHECK(adjusted[i] == reference::near(p_holm[benchmark][i], 1e-9));
    }
}

TEST_CASE("equivalence within a margin is scipy's two one-sided tests") {
    const auto file = reference::json("tost.json");
    const std::vector<double> a = file["input"]["a"], b = file["input"]["b"];
    const auto d = differences_of(a, b);
    for (const auto& row : file["expected"]) {
        const auto tost = equivalence(d, row["margin"]);
        CHECK(tost.t_lower == reference::near(row["t_lower"], 1e-12));
        CHECK(tost.t_upper == reference::near(row["t_upper"], 1e-12));
        CHECK(tost.p_lower == reference::near(row["p_lower"], 1e-9));
        CHECK(tost.p_upper == reference::near(row["p_upper"], 1e-9));
        CHECK(tost.p == reference::near(row["p"], 1e-9));
    }
}

TEST_CASE("the posterior of better, equal and worse is the t distribution around the estimate") {
    const auto file = reference::json("bayes.json");
    const reference::Scores scores(file["input"]);
    for (const auto& row : file["expected"]["paired_t_rope"]) {
        const auto chances =
            posterior(scores.differences(row["a"], row["b"], scores.benchmark(row["benchmark"])),
                      row["rope"]);
        CHECK(chances.better == reference::near(row["p_a_better"], 1e-9));
        CHECK(chances.equal == Approx(row["p_equivalent"].get<double>()).margin(1e-12));
        CHECK(chances.worse == reference::near(row["p_b_better"], 1e-9));
        CHECK(chances.better + chances.equal + chances.worse == Approx(1).epsilon(1e-12));
    }
}

TEST_CASE("the seeds that 80 % power needs are those of statsmodels") {
    for (const auto& row : reference::json("power.json")["expected"]) {
        const double dz = row["dz"], alpha = row["alpha"];
        const std::size_t n = row["n"];
        INFO("dz " << dz << ", alpha " << alpha);
        CHECK(seeds_needed(dz, alpha) == n);
        CHECK(power_of(dz, alpha, double(n)) == reference::near(row["power_at_n"], 1e-9));
        CHECK(power_of(dz, alpha, double(n - 1)) ==
              reference::near(row["power_at_n_minus_1"], 1e-9));
        CHECK(power_of(dz, alpha, row["n_continuous_statsmodels"]) == reference::near(0.8, 1e-9));
    }
}

TEST_CASE("seeds needed: none for no difference, more than a thousand for a tiny one") {
    CHECK(seeds_needed(0, 0.05) == 0);
    CHECK(seeds_needed(std::nan(""), 0.05) == 0);
    CHECK(seeds_needed(0.01, 0.05) == most_seeds + 1);
    CHECK(seeds_needed(-1, 0.05) == seeds_needed(1, 0.05));
    // Just on either side of a thousand: dz sqrt(n) = 2.8 is the textbook's rule for 80 % at .05.
    CHECK(seeds_needed(0.089, 0.05) < most_seeds);
    CHECK(seeds_needed(0.088, 0.05) == most_seeds + 1);
}

TEST_CASE("equal values: the difference is exact, whatever rounding leaves") {
    const std::vector<double> a{0.1 + 0.2, 0.5, 0.7}, b{0.3, 0.5, 0.7};
    const auto d = differences_of(a, b);
    CHECK(d.mean == 0);
    CHECK(d.variance == 0);
    CHECK(paired_t(d).p == 1);
    CHECK(equivalence(d, 0.01).p == 0);
    CHECK(posterior(d, 0.01).equal == 1);
}

TEST_CASE("a constant difference is exact too") {
    const std::vector<double> a{0.3, 0.5, 0.7}, b{0.28, 0.48, 0.68};
    const auto d = differences_of(a, b);
    CHECK(d.variance == 0);
    CHECK(paired_t(d).p == 0);
    CHECK(std::isinf(paired_t(d).t));
    CHECK(paired_t(d).half == 0);
    CHECK(equivalence(d, 0.05).p == 0);
    CHECK(equivalence(d, 0.01).p == 1);
    CHECK(posterior(d, 0.01).better == 1);
}

TEST_CASE("seeds that one of the two lacks are left out; one seed has no test") {
    const double none = std::nan("");
    const auto d = differences_of(std::vector<double>{0.5, none, 0.7, 0.8},
                                  std::vector<double>{0.4, 0.5, none, 0.6});
    CHECK(d.n == 2);
    CHECK(d.mean == Approx(0.15));
    const auto one = differences_of(std::vector<double>{0.5}, std::vector<double>{0.4});
    CHECK(one.n == 1);
    CHECK(one.mean == Approx(0.1));
    CHECK(std::isnan(paired_t(one).p));
    CHECK(std::isnan(equivalence(one, 0.01).p));
    CHECK(std::isnan(posterior(one, 0.01).better));
    CHECK(std::isnan(shrink_factor(1)));
    CHECK(shrink_factor(2) == 0);
}
