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
    const char* rate = "lr"; // what makes a replica diverge when it is huge: a key of [train], or an option of the method's own
};

mneme::bench::Spec stream_of(const Case& c) { return small_stream(method(c.plugin).flags & MNEME_NEEDS_TASK_ID ? "task" : "domain"); }

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
    {"supsup", {{"mask_epochs", 3}, {"density", 0.2}, {"mask_lr", 0.02}}, {{"dropout", 0.2}}, nullptr}, // no weight is trained
    {"supsup", {{"mask_epochs", 3}, {"density_rule", "erdos_renyi"}, {"transfer", "mean"}, {"mask_lr", 0.02}}, {}, nullptr},
    {"exssnet", {{"mask_epochs", 3}, {"weight_epochs", 3}, {"density", 0.2}}, {}, "weight_lr"},
    {"exssnet",
     {{"mask_epochs", 2}, {"weight_epochs", 2}, {"density", 0.2}, {"kkt", "best"}, {"kkt_threshold", "margin"}},
     {},
     "weight_lr"},
    {"exssnet", {{"mask_epochs", 2}, {"weight_epochs", 2}, {"density", 0.2}, {"kkt", "all"}, {"exclusive", false}}, {}, "weight_lr"},
};

} // namespace

TEST_CASE("replica r of S is bit-equal to its seed alone", "[run]") {
    for (const auto& c : cases) {
        INFO(c.plugin << " " << c.options.dump() << " " << c.train.dump());
        const auto spec = stream_of(c);
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
        if (!c.rate || (std::string(c.plugin) == "joint" && c.options["mode"] == "all")) continue; // joint: it has one row only
        INFO(c.plugin << " " << c.options.dump() << " " << c.train.dump());
        const bool of_train = std::string(c.rate) == "lr";
        auto both = cell(c.plugin, stream_of(c), {1, 2}, c.options, c.train);
        auto good = of_train ? c.train : c.options, bad = good;
        good[c.rate] = 0.005, bad[c.rate] = 1e30;
        (of_train ? both.runs[0].train : both.runs[0].options) = settings(good);
        (of_train ? both.runs[1].train : both.runs[1].options) = settings(bad);
        const auto alone = [&](int64_t seed, const Json& rated) {
            return run(cell(c.plugin, stream_of(c), {seed}, of_train ? c.options : rated, of_train ? rated : c.train))[0];
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
        CHECK(together[1].outcome_message.at({0, 0}).find("a weight is not finite") != std::string::npos);
    }
}
