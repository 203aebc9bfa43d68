// SPDX-License-Identifier: Apache-2.0
// S-invariance: replica r of a run of S is bit-equal to that seed alone, for a whole stream, for every method flagged batched.
#include "catch.hpp"

#include "support.hpp"

using namespace mneme::test;
using mneme::harness::Json;

namespace {

struct Case {
    const char* plugin;
    Json options, train;
};

const Case cases[] = {
    {"finetune", {}, {{"dropout", 0.25}, {"lr_decay", 0.7}}},
    {"finetune", {}, {{"optimizer", "adam"}, {"lr", 0.003}}},
    {"joint", {{"mode", "incremental"}}, {}},
    {"joint", {{"mode", "all"}}, {}},
    {"er", {{"policy", "class_balanced"}, {"memory_per_class", 2}}, {{"dropout", 0.25}}},
    {"er", {{"policy", "ring"}, {"memory_per_class", 3}, {"memory_batch", 7}}, {}},
    {"er", {{"policy", "reservoir"}, {"memory", 30}}, {}},
    {"ewc", {{"lambda", 3.0}, {"fisher_samples", 50}}, {}},
    {"ewc_online", {{"lambda", 1.0}, {"fisher", "sample"}, {"fisher_samples", 50}}, {}},
    {"ewc_online", {{"lambda", 1.0}, {"fisher", "batched"}, {"fisher_batch", 5}, {"fisher_samples", 50}}, {}},
    {"ewc_online", {{"consolidate", "running"}}, {{"dropout", 0.2}}},
    {"si", {{"c", 0.2}}, {{"dropout", 0.2}, {"momentum", 0.5}}},
    {"mas", {{"lambda", 0.05}, {"samples", 50}}, {}},
    {"mas", {{"abs_batch", 4}, {"samples", 50}}, {}},
    {"importance", {{"measure", "si"}}, {{"optimizer", "adam"}, {"lr", 0.003}}},
    {"importance", {{"measure", "siu"}, {"reinit", true}}, {{"dropout", 0.2}}},
    {"importance", {{"measure", "sib"}}, {}},
    {"importance", {{"measure", "sos"}, {"alpha", 1.0}, {"c", 0.01}}, {{"dropout", 0.2}}},
    {"importance", {{"measure", "mas"}, {"samples", 50}}, {}},
    {"importance", {{"measure", "masx2"}, {"samples", 50}, {"c", 0.01}}, {}},
    {"importance", {{"measure", "af"}, {"samples", 50}, {"c", 0.1}}, {}},
    {"importance", {{"measure", "rf"}, {"samples", 50}, {"c", 0.1}, {"reinit", true}}, {{"optimizer", "adam"}, {"lr", 0.003}}},
    {"rebasin", {{"memory_per_class", 2}}, {{"lr", 0.003}}},
    {"rebasin", {{"memory_per_class", 2}, {"gradient", "unrolled"}, {"tau", 0.5}}, {{"lr", 0.003}}},
    {"rebasin", {{"policy", "reservoir"}, {"memory", 30}, {"permute", false}}, {{"lr", 0.003}, {"dropout", 0.25}}},
    {"agem", {{"memory_per_class", 2}}, {{"dropout", 0.25}}},
    {"mcsgd", {{"current_samples", 40}, {"line_batch", 10}, {"points", 3}}, {{"dropout", 0.25}, {"lr_decay", 0.7}}},
    {"mcsgd", {{"chain", "hat"}, {"memory_grouping", "mixed"}, {"alphas", "uniform"}, {"line_epochs", 3}, {"line_batch", 7}}, {}},
    {"mcsgd", {{"mode", "authors"}, {"line_points", "sum"}, {"line_scale", "per_example"}, {"points", 3}, {"lr_line", 0.005}}, {}},
    {"mcsgd", {{"rho", 0.25}, {"line_epochs", 0}}, {{"dropout", 0.25}}},
    {"replay_pass", {{"memory_per_class", 2}, {"pass_batch", 4}}, {{"dropout", 0.25}, {"epochs", 8}}},
};

} // namespace

TEST_CASE("replica r of S is bit-equal to its seed alone", "[run]") {
    for (const auto& c : cases) {
        INFO(c.plugin << " " << c.options.dump() << " " << c.train.dump());
        const auto spec = small_stream();
        const auto together = run(cell(c.plugin, spec, {1, 2, 3, 4, 5}, c.options, c.train));
        REQUIRE(together.size() == 5);
        for (std::size_t r : {0u, 2u, 4u}) {
            const auto alone = run(cell(c.plugin, spec, {static_cast<int64_t>(r) + 1}, c.options, c.train));
            std::string difference;
            CHECK(same_facts(together[r], alone[0], difference));
            CHECK(difference == "");
        }
        CHECK(together[0].n_correct.data != together[1].n_correct.data); // seeds differ
    }
}

TEST_CASE("a diverged replica leaves its neighbours as they were", "[run]") {
    for (const auto& c : cases) {
        if (std::string(c.plugin) == "joint" && c.options["mode"] == "all") continue; // it has one row only
        INFO(c.plugin << " " << c.options.dump() << " " << c.train.dump());
        auto both = cell(c.plugin, small_stream(), {1, 2}, c.options);
        auto good = c.train, bad = c.train;
        good["lr"] = 0.005, bad["lr"] = 1e30;
        both.runs[0].train = settings(good), both.runs[1].train = settings(bad);
        const auto together = run(both);
        const auto alone = run(cell(c.plugin, small_stream(), {1}, c.options, good));
        std::string difference;
        CHECK(same_facts(together[0], alone[0], difference));
        CHECK(difference == "");
        CHECK(same_facts(together[1], run(cell(c.plugin, small_stream(), {2}, c.options, bad))[0], difference)); // nor they it
        CHECK(difference == "");
        CHECK(together[0].outcome.at({0, 0}) == 0);
        CHECK(together[1].outcome.at({0, 0}) == 1);
        CHECK(together[1].n_correct.at({0, 0, 2, 0}) == -1);
        CHECK(together[1].outcome_message.at({0, 0}).find("a weight is not finite") != std::string::npos);
    }
}
