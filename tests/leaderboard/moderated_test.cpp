// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "leaderboard/moderated.hpp"
#include "leaderboard/multiple.hpp"
#include "reference.hpp"

using namespace mneme::leaderboard;

namespace {

std::vector<std::string> fields(const std::string& line) {
    std::vector<std::string> out;
    std::istringstream stream(line);
    for (std::string field; std::getline(stream, field, ',');) {
        std::erase(field, '"');
        out.push_back(field);
    }
    return out;
}

struct Table { // columns by method
    std::vector<std::string> methods;
    std::vector<std::vector<double>> scores;
};

Table table_of(const std::string& name) {
    auto file = reference::open(name);
    std::string line;
    std::getline(file, line);
    Table table{fields(line), std::vector<std::vector<double>>(fields(line).size())};
    while (std::getline(file, line))
        for (std::size_t m = 0; m < table.methods.size(); ++m)
            table.scores[m].push_back(std::stod(fields(line)[m]));
    return table;
}

std::vector<Differences> all_pairs(const Table& table) {
    std::vector<Differences> pairs;
    for (std::size_t a = 0; a < table.scores.size(); ++a)
        for (std::size_t b = a + 1; b < table.scores.size(); ++b)
            pairs.push_back(differences_of(table.scores[a], table.scores[b]));
    return pairs;
}

Differences made(double mean, double variance, std::size_t n) { return {n, mean, variance}; }

} // namespace

TEST_CASE("moderated t tests over all pairs are limma's, with limma's own degrees of freedom") {
    for (const std::string name : {"rotated", "permuted", "split", "unequal"}) {
        INFO(name);
        const Table table = table_of("moderated_" + name + ".in.csv");
        const auto pairs = all_pairs(table);
        const auto tests = moderated_t(pairs, table.methods.size(), Cap::by_pairs);
        auto file = reference::open("moderated_" + name + ".out.csv");
        std::string line;
        std::getline(file, line); // "# limma 3.54.1 d0 15.1 s0^2 0.00017 df 4"
        std::istringstream head(line);
        std::string word, d0, s0;
        head >> word >> word >> word >> word >> d0 >> word >> s0;
        const VariancePrior prior = fit_prior(pairs);
        if (d0 == "Inf") CHECK(std::isinf(prior.degrees));
        else CHECK(prior.degrees == reference::near(std::stod(d0), 1e-9));
        CHECK(prior.variance == reference::near(std::stod(s0), 1e-9));
        std::getline(file, line);
        std::vector<double> p, expected_holm;
        for (std::size_t g = 0; std::getline(file, line); ++g) {
            const auto row = fields(line);
            INFO(row[0] << " " << row[1]);
            CHECK(pairs[g].mean == reference::near(std::stod(row[2]), 1e-12));
            CHECK(pairs[g].variance == reference::near(std::stod(row[3]), 1e-12));
            CHECK(tests[g].variance == reference::near(std::stod(row[4]), 1e-9));
            CHECK(tests[g].t == reference::near(std::stod(row[5]), 1e-9));
            CHECK(tests[g].degrees == reference::near(std::stod(row[6]), 1e-9));
            CHECK(tests[g].p == Approx(std::stod(row[7])).epsilon(1e-7).margin(1e-60));
            CHECK(std::abs(tests[g].p - std::stod(row[7])) < 1e-9);
            p.push_back(tests[g].p);
            expected_holm.push_back(std::stod(row[8]));
        }
        REQUIRE(p.size() == pairs.size());
        const auto adjusted = holm(p);
        for (std::size_t g = 0; g < p.size(); ++g)
            CHECK(adjusted[g] == Approx(expected_holm[g]).epsilon(1e-7).margin(1e-60));
    }
}

TEST_CASE("our cap on the degrees of freedom is (methods - 1)(seeds - 1)") {
    const Table table = table_of("moderated_split.in.csv"); // limma's prior is infinite there
    for (const auto& test : moderated_t(all_pairs(table), table.methods.size()))
        CHECK(test.degrees == 4 * 4);
    const Table unequal = table_of("moderated_unequal.in.csv"); // d0 15.1, n 5, k 6
    for (const auto& test : moderated_t(all_pairs(unequal), 6)) {
        CHECK(test.degrees == Approx(15.126565515608148 + 4).epsilon(1e-9));
        CHECK(test.degrees < 5 * 4);
    }
}

TEST_CASE("two methods: the plain paired t test") {
    const auto d = made(0.02, 0.0004, 5);
    const auto test = moderated_t({d}, 2)[0];
    CHECK(test.t == paired_t(d).t);
    CHECK(test.p == paired_t(d).p);
    CHECK(test.degrees == 4);
}

TEST_CASE("a pair without variance is given that of the fit and stays out of it") {
    const std::vector<Differences> without{made(.1, .0004, 4), made(.2, .0009, 4),
                                           made(.1, .0016, 4)};
    auto with = without;
    with.push_back(made(.1, 0, 4));
    CHECK(fit_prior(with).variance == fit_prior(without).variance);
    const auto tests = moderated_t(with, 4);
    CHECK(tests[3].variance == fit_prior(without).variance);
    CHECK(tests[3].t == Approx(.1 / std::sqrt(fit_prior(without).variance / 4)).epsilon(1e-14));
}

TEST_CASE("where nothing varies the differences are exact") {
    const auto tests = moderated_t({made(.1, 0, 3), made(0, 0, 3), made(-.1, 0, 3)}, 3);
    CHECK(tests[0].p == 0);
    CHECK(tests[1].p == 1);
    CHECK(tests[2].p == 0);
    CHECK(tests[0].t > 0);
    CHECK(tests[2].t < 0);
}

TEST_CASE("pairs of unequal numbers of seeds: each keeps its own, one seed has no test") {
    const auto tests = moderated_t(
        {made(.1, .0004, 3), made(.2, .0009, 5), made(.1, .0016, 4), made(.1, unknown, 1)}, 4);
    CHECK(tests[0].error == Approx(std::sqrt(tests[0].variance / 3)));
    CHECK(tests[1].error == Approx(std::sqrt(tests[1].variance / 5)));
    CHECK(tests[0].degrees <= 3 * 2);
    CHECK(std::isnan(tests[3].p));
}

TEST_CASE("a prior needs three variances: two pairs keep their own") {
    const std::vector<Differences> two{made(.1, .0004, 4), made(.2, .0009, 6)};
    CHECK(fit_prior(two).degrees == 0);
    CHECK(std::isnan(fit_prior(two).variance));
    const auto tests = moderated_t(two, 3);
    for (std::size_t g = 0; g < 2; ++g) {
        CHECK(tests[g].variance == two[g].variance);
        CHECK(tests[g].degrees == double(two[g].n - 1));
        CHECK(tests[g].t == paired_t(two[g]).t);
    }
    const std::vector<Differences> three{two[0], two[1], made(.1, .0016, 4)};
    CHECK_FALSE(std::isnan(fit_prior(three).variance));
}
