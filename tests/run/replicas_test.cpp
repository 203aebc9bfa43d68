// SPDX-License-Identifier: Apache-2.0
// S-invariance: replica r of a run of S is bit-equal to that seed alone, for a whole stream, for
// every method flagged batched.
#include "catch.hpp"

#include "cases.hpp"

using namespace mneme::test;
using mneme::protocol::Json;

TEST_CASE("replica r of S is bit-equal to its seed alone", "[run]") {
    for (const auto& c : cases) {
        INFO(c.plugin << " " << c.options.dump() << " " << c.train.dump());
        const auto spec = stream_of(c);
        const auto together = run(cell(c.plugin, spec, {1, 2, 3, 4, 5}, c.options, c.train));
        REQUIRE(together.size() == 5);
        for (std::size_t r : {0u, 2u, 4u}) {
            const auto alone =
                run(cell(c.plugin, spec, {static_cast<int64_t>(r) + 1}, c.options, c.train));
            std::string difference;
            CHECK(same_facts(together[r], alone[0], difference));
            CHECK(difference == "");
        }
        CHECK(together[0].n_correct.data != together[1].n_correct.data); // seeds differ
    }
}

TEST_CASE("a diverged replica leaves its neighbours as they were", "[run]") {
    for (const auto& c : cases) {
        if (!c.rate || (std::string(c.plugin) == "joint" && c.options["mode"] == "all"))
            continue; // joint: it has one row only
        INFO(c.plugin << " " << c.options.dump() << " " << c.train.dump());
        const bool of_train = std::string(c.rate) == "lr";
        auto both = cell(c.plugin, stream_of(c), {1, 2}, c.options, c.train);
        auto good = of_train ? c.train : c.options, bad = good;
        good[c.rate] = 0.005, bad[c.rate] = 1e30;
        (of_train ? both.runs[0].train : both.runs[0].options) = settings(good);
        (of_train ? both.runs[1].train : both.runs[1].options) = settings(bad);
        const auto alone = [&](int64_t seed, const Json& rated) {
            return run(cell(c.plugin, stream_of(c), {seed}, of_train ? c.options : rated,
                            of_train ? rated : c.train))[0];
        };
        const auto together = run(both);
        std::string difference;
        CHECK(same_facts(together[0], alone(1, good), difference));
        CHECK(difference == "");
        CHECK(same_facts(together[1], alone(2, bad), difference)); // nor they it
        CHECK(difference == "");
        CHECK(together[0].outcome.at({0, 0}) == 0);
        CHECK(together[1].outcome.at({0, 0}) == 1);
        CHECK(together[1].n_correct.at({0, 0, 2, 0}) == -1);
        CHECK(together[1].outcome_message.at({0, 0}).find("a weight is not finite") !=
              std::string::npos);
    }
}
