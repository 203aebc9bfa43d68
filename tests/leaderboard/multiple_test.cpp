// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "leaderboard/multiple.hpp"
#include "reference.hpp"

using namespace mneme::leaderboard;

TEST_CASE("Holm's adjustment is that of statsmodels") {
    const auto file = reference::json("holm.json");
    const auto adjusted = holm(file["input"].get<std::vector<double>>());
    const std::vector<double> expected = file["expected"]["holm"];
    REQUIRE(adjusted.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        CHECK(adjusted[i] == reference::near(expected[i], 1e-12));
}

TEST_CASE("Benjamini and Hochberg's and Bonferroni's adjustments are those of statsmodels") {
    const auto file = reference::json("holm.json");
    const auto p = file["input"].get<std::vector<double>>();
    for (std::size_t i = 0; i < p.size(); ++i) {
        CHECK(benjamini_hochberg(p)[i] == reference::near(file["expected"]["bh"][i], 1e-12));
        CHECK(bonferroni(p)[i] == reference::near(file["expected"]["bonferroni"][i], 1e-12));
    }
    const std::vector<double> with_none{0.01, std::nan("")}; // NaN is not a comparison
    CHECK(benjamini_hochberg(with_none)[0] == 0.01);
    CHECK(bonferroni(with_none)[0] == 0.01);
    CHECK(std::isnan(benjamini_hochberg(with_none)[1]));
    CHECK(std::isnan(bonferroni(with_none)[1]));
}

TEST_CASE("a p value at its Holm level is adjusted to alpha; NaN is not a comparison") {
    const std::vector<double> p{0.03, std::nan(""), 0.01, 0.2};
    const auto levels = holm_levels(p, 0.05);
    CHECK(levels[2] == Approx(0.05 / 3));
    CHECK(levels[0] == Approx(0.05 / 2));
    CHECK(levels[3] == Approx(0.05));
    CHECK(std::isnan(levels[1]));
    CHECK(holm(p)[2] == Approx(0.03));
    CHECK(std::isnan(holm(p)[1]));
}

// The reference's tiers are those of plain paired t tests.
TEST_CASE("tiers are the maximal groups of the reference, from the scores") {
    const auto expected = reference::json("tiers.json")["expected"];
    const reference::Scores scores(reference::json("paired.json")["input"]);
    for (const auto& [benchmark, answer] : expected.items()) {
        INFO(benchmark);
        const std::vector<std::string> order = answer["order"];
        const std::size_t k = order.size(), b = scores.benchmark(benchmark);
        std::vector<Differences> pairs;
        for (std::size_t i = 0; i < k; ++i)
            for (std::size_t j = i + 1; j < k; ++j)
                pairs.push_back(scores.differences(order[i], order[j], b));
        std::vector<double> p;
        for (const Differences& d : pairs) p.push_back(paired_t(d).p);
        const auto adjusted = holm(p);
        std::vector<bool> apart(k * k);
        for (std::size_t i = 0, g = 0; i < k; ++i)
            for (std::size_t j = i + 1; j < k; ++j, ++g)
                apart[i * k + j] = apart[j * k + i] = adjusted[g] < 0.05;
        std::vector<std::vector<std::string>> groups;
        for (const auto& members : tiers(apart, k)) {
            groups.emplace_back();
            for (std::size_t m : members) groups.back().push_back(order[m]);
        }
        CHECK(groups == answer["maximal_groups"].get<std::vector<std::vector<std::string>>>());
    }
}

TEST_CASE("groups overlap, and a member carries the letters of all its groups") {
    // 0-1 and 1-2 are together, 0-2 apart; 3 is alone
    std::vector<bool> apart(16, true);
    for (const auto& [a, b] : {std::pair(0, 1), {1, 2}})
        apart[std::size_t(a * 4 + b)] = apart[std::size_t(b * 4 + a)] = false;
    const auto groups = tiers(apart, 4);
    CHECK(groups == std::vector<std::vector<std::size_t>>{{0, 1}, {1, 2}, {3}});
    CHECK(tier_letters(groups, 4) == std::vector<std::string>{"a", "ab", "b", "c"});
    CHECK(tiers({}, 0).empty());
}

TEST_CASE("after z comes a2") {
    const auto groups = tiers(std::vector<bool>(30 * 30, true), 30);
    REQUIRE(groups.size() == 30);
    const auto letters = tier_letters(groups, 30);
    CHECK(letters[25] == "z");
    CHECK(letters[26] == "a2");
    CHECK(letters[29] == "d2");
}
