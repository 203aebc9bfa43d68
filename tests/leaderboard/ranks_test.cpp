// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "leaderboard/ranks.hpp"
#include "reference.hpp"

using namespace mneme::leaderboard;

TEST_CASE("Friedman's test, Iman and Davenport's F and the critical difference: Demsar's example") {
    const auto file = reference::json("friedman.json");
    for (const auto& [name, expected] : file["expected"].items()) {
        INFO(name);
        const std::vector<std::vector<double>> scores = file["input"][name];
        const Friedman test = friedman(scores);
        for (std::size_t m = 0; m < test.average_ranks.size(); ++m)
            CHECK(test.average_ranks[m] == reference::near(expected["average_ranks"][m], 1e-12));
        CHECK(test.chi_square == reference::near(expected["chi2_demsar_no_tie_correction"], 1e-9));
        CHECK(test.chi_square_tied == reference::near(expected["chi2_tie_corrected_scipy"], 1e-9));
        CHECK(test.p_tied == reference::near(expected["p_tie_corrected"], 1e-9));
        CHECK(test.f == reference::near(expected["iman_davenport_F"], 1e-9));
        CHECK(test.df1 == expected["iman_davenport_df"][0]);
        CHECK(test.df2 == expected["iman_davenport_df"][1]);
        CHECK(std::abs(test.p - expected["iman_davenport_p"].get<double>()) < 1e-9);
        for (const auto& [alpha, value] : expected["CD"].items())
            CHECK(critical_difference(test.average_ranks.size(), scores.size(), std::stod(alpha)) ==
                  reference::near(value, 1e-9));
    }
}

TEST_CASE("Demsar prints ranks 3.143 2.000 2.893 1.964, F 3.69 and a critical difference of 1.25") {
    const std::vector<std::vector<double>> scores =
        reference::json("friedman.json")["input"]["demsar"];
    const Friedman test = friedman(scores);
    CHECK(test.average_ranks[0] == Approx(3.143).margin(5e-4));
    CHECK(test.average_ranks[3] == Approx(1.964).margin(5e-4));
    CHECK(test.chi_square == Approx(9.28).margin(5e-3));
    CHECK(test.f == Approx(3.69).margin(5e-3));
    CHECK(critical_difference(4, 14, 0.05) == Approx(1.25).margin(5e-3));
    CHECK(critical_difference(4, 14, 0.10) == Approx(1.12).margin(5e-3));
}

TEST_CASE("Nemenyi's quantiles are those of the studentized range, for 2 to 20 methods") {
    const auto file = reference::json("nemenyi_q.json");
    for (const auto& [methods, expected] : file["expected"].items()) {
        INFO(methods);
        CHECK(nemenyi_quantile(std::stoul(methods), 0.05) == reference::near(expected[0], 1e-9));
        CHECK(nemenyi_quantile(std::stoul(methods), 0.10) == reference::near(expected[1], 1e-9));
    }
}

TEST_CASE("ties share the mean of their ranks") {
    CHECK(mean_ranks_of({0.5, 0.7, 0.5, 0.1}) == std::vector<double>{2.5, 1, 2.5, 4});
}

TEST_CASE("rank stability over all resamples of five seeds is the reference's") {
    const auto file = reference::json("rank_stability.json");
    const std::vector<std::vector<double>> expected = file["expected"]["p_rank"];
    const RankStability stability = rank_stability(file["input"]);
    CHECK(stability.resamples == 3125);
    CHECK(stability.complete);
    CHECK(stability.probability == expected);
    for (std::size_t m = 0; m < expected.size(); ++m)
        CHECK(stability.mean_rank[m] == Approx(file["expected"]["mean_rank"][m].get<double>()));
}

TEST_CASE("above 3,125 resamples ten thousand are drawn, the same every time") {
    std::vector<std::vector<double>> scores(2);
    for (int s = 0; s < 6; ++s) {
        scores[0].push_back(s == 0 ? 1 : 0); // first is better only where seed 0 is drawn at all
        scores[1].push_back(0.5 / 6);
    }
    const RankStability stability = rank_stability(scores);
    CHECK(stability.resamples == 10000);
    CHECK_FALSE(stability.complete);
    const double chance = 1 - std::pow(5.0 / 6.0, 6); // of six draws with at least one of seed 0
    CHECK(stability.probability[0][0] == Approx(chance).margin(4 * std::sqrt(.25 / 10000)));
    CHECK(stability.probability[0][0] == rank_stability(scores).probability[0][0]);
}

TEST_CASE("equal methods share the better rank in every resample; no methods, no ranks") {
    const RankStability equal = rank_stability({{.1, .2, .3}, {.1, .2, .3}});
    CHECK(equal.probability == std::vector<std::vector<double>>{{1, 0}, {1, 0}});
    CHECK(rank_stability({}).resamples == 0);
}
