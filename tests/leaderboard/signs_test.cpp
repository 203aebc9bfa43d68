// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "leaderboard/signs.hpp"
#include "reference.hpp"

using namespace mneme::leaderboard;

TEST_CASE("sign flips and Wilcoxon's test of one pair are scipy's exact ones") {
    const auto file = reference::json("paired.json");
    const reference::Scores scores(file["input"]);
    for (const auto& row : file["expected"]) {
        INFO(row["benchmark"] << " " << row["a"] << " " << row["b"]);
        const auto d = scores.by_seed(row["a"], row["b"], scores.benchmark(row["benchmark"]));
        CHECK(sign_flip_p(d) == row["p_signflip_exact"]);
        CHECK(signed_rank(d).w == row["wilcoxon_W"]);
        CHECK(signed_rank(d).p == row["p_wilcoxon_exact"]);
    }
}

TEST_CASE("all 32,768 sign flips over three benchmarks are the reference's") {
    const auto file = reference::json("pooled.json");
    const reference::Scores scores(file["input"]);
    for (const auto& row : file["expected"]) {
        INFO(row["a"] << " " << row["b"]);
        std::vector<double> all;
        for (std::size_t b = 0; b < scores.benchmarks.size(); ++b)
            for (double d : scores.by_seed(row["a"], row["b"], b)) all.push_back(d);
        CHECK(sign_flip_p(all) == row["p_signflip_exact_32768"]);
    }
}

TEST_CASE("the Bayesian signed-rank test over benchmarks is baycomp's within its draws") {
    const auto file = reference::json("bayes.json");
    const reference::Scores scores(file["input"]);
    for (const auto& row : file["expected"]["signed_rank"]) {
        INFO(row["a"] << " " << row["b"]);
        std::vector<double> means;
        for (std::size_t b = 0; b < scores.benchmarks.size(); ++b)
            means.push_back(scores.differences(row["a"], row["b"], b).mean);
        const Posterior chances = signed_rank_posterior(means, row["rope"]);
        const std::vector<double> expected = row["probs_b_rope_a"];
        CHECK(std::abs(chances.worse - expected[0]) < 0.01);
        CHECK(std::abs(chances.equal - expected[1]) < 0.01);
        CHECK(std::abs(chances.better - expected[2]) < 0.01);
        CHECK(chances.better == signed_rank_posterior(means, row["rope"]).better);
    }
}

TEST_CASE("sign flips: equal sums count, equal values leave 1, twenty seeds are exact") {
    CHECK(sign_flip_p({1, 1, 1}) == 0.25);
    CHECK(sign_flip_p({0.3, -0.1, -0.2}) == 1);     // the sum is 0, whatever rounding leaves
    CHECK(sign_flip_p({0.1, 0.2, 0.3, 0}) == 0.25); // a difference of 0 has two signs, one sum
    CHECK(sign_flip_p(std::vector<double>(20, 0.5)) == std::pow(2.0, -19));
    CHECK(sign_flip_p(std::vector<double>(most_signs, 0.5)) == std::pow(2.0, 1.0 - most_signs));
    CHECK(std::isnan(sign_flip_p({})));
    CHECK(std::isnan(sign_flip_p(std::vector<double>(most_signs + 1, 0.5))));
    CHECK(std::isnan(sign_flip_p({0.1, unknown})));
}

TEST_CASE("Wilcoxon: differences of 0 are left out, ties share ranks") {
    CHECK(signed_rank({0.5, 0, -0.1, 0.3}).w == 1);
    CHECK(signed_rank({0.5, 0, -0.1, 0.3}).p == 0.5); // of 8 choices, 1 and 0 on either side
    CHECK(signed_rank({0.3 - 0.2, 0.2 - 0.1, -0.1}).w == 2);
    CHECK(signed_rank({0, 0}).p == 1);
    CHECK(std::isnan(signed_rank({}).p));
    CHECK(std::isnan(signed_rank({unknown, 1}).p));
}

TEST_CASE("the posterior: sure of a large difference, and of none within the margin") {
    const std::vector<double> large(30, 0.5), none(30, 0.001);
    CHECK(signed_rank_posterior(large, 0.01).better == 1);
    CHECK(signed_rank_posterior(none, 0.01).equal == 1);
    CHECK(std::isnan(signed_rank_posterior({}, 0.01).better));
}
