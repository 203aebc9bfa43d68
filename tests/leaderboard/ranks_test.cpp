// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "leaderboard/multiple.hpp"
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
        CHECK(test.kendall_w == reference::near(expected["kendall_W"], 1e-12));
        const std::size_t k = test.average_ranks.size(), n = scores.size();
        for (const auto& [alpha, value] : expected["CD"].items()) {
            CHECK(critical_difference(k, n, std::stod(alpha)) == reference::near(value, 1e-9));
            CHECK(nemenyi_quantile(k, std::stod(alpha)) ==
                  reference::near(expected["q"][alpha], 1e-9));
        }
        const auto conover = holm(conover_p(scores));
        for (std::size_t a = 0, g = 0; a < k; ++a)
            for (std::size_t b = a + 1; b < k; ++b, ++g) {
                const double p = nemenyi_p(test.average_ranks[a] - test.average_ranks[b], k, n);
                CHECK(std::abs(p - expected["nemenyi_p"][a][b].get<double>()) < 1e-9);
                CHECK(conover[g] == reference::near(expected["conover_holm_p"][a][b], 1e-9));
            }
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

TEST_CASE("Nemenyi's p at its quantile is alpha; no difference is 1") {
    for (std::size_t methods : {2u, 5u, 20u})
        CHECK(nemenyi_p(critical_difference(methods, 7, 0.05), methods, 7) ==
              Approx(0.05).epsilon(1e-9));
    CHECK(nemenyi_p(0, 5, 3) == 1);
}

TEST_CASE("Conover's test has nothing to test against where all benchmarks rank alike") {
    for (double p : conover_p({{.1, .2, .3}, {.2, .5, .9}})) CHECK(std::isnan(p));
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
        CHECK(stability.probability[m][0] == file["expected"]["p_best"][m]);
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
