// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "leaderboard/pooled.hpp"
#include "reference.hpp"

using namespace mneme::leaderboard;

TEST_CASE("the mean difference over benchmarks has Satterthwaite's degrees of freedom") {
    const auto file = reference::json("pooled.json");
    const reference::Scores scores(file["input"]);
    for (const auto& row : file["expected"]) {
        INFO(row["a"] << " " << row["b"]);
        std::vector<Differences> differences;
        for (std::size_t b = 0; b < scores.benchmarks.size(); ++b)
            differences.push_back(scores.differences(row["a"], row["b"], b));
        const Pooled pooled = pool(differences);
        CHECK(pooled.mean == reference::near(row["mean"], 1e-12));
        CHECK(pooled.error == reference::near(row["se"], 1e-12));
        CHECK(pooled.degrees == reference::near(row["df_satterthwaite"], 1e-9));
        CHECK(pooled.mean - pooled.half(0.05) == reference::near(row["ci95"][0], 1e-9));
        CHECK(pooled.mean + pooled.half(0.05) == reference::near(row["ci95"][1], 1e-9));
        // The file's p are 2 (1 - F(t)), which rounds to 1e-16: absolute.
        CHECK(std::abs(pooled.p - row["p_t"].get<double>()) < 1e-9);
    }
}

TEST_CASE("signs are counted by benchmark") {
    const Pooled mixed = pool({{3, 0.1, 0.01}, {3, -0.2, 0.01}, {3, 0, 0}});
    CHECK(mixed.better == 1);
    CHECK(mixed.worse == 1);
    CHECK(mixed.benchmarks == 3);
    CHECK(mixed.signs_differ());
    CHECK_FALSE(pool({{3, 0.1, 0.01}, {3, 0.2, 0.01}}).signs_differ());
}

TEST_CASE("one seed somewhere leaves the mean; no variance at all is exact; none is nothing") {
    const Pooled one = pool({{3, 0.1, 0.01}, {1, 0.3, unknown}});
    CHECK(one.mean == Approx(0.2));
    CHECK(std::isnan(one.p));
    CHECK(std::isnan(one.half(0.05)));
    const Pooled exact = pool({{3, 0.1, 0}, {3, 0.1, 0}});
    CHECK(exact.p == 0);
    CHECK(exact.half(0.05) == 0);
    CHECK(pool({}).benchmarks == 0);
}
