// SPDX-License-Identifier: Apache-2.0
// Learners of the shipped plugins at the host: nothing leaks, and a checkpoint goes on where it
// stopped.
#include "catch.hpp"

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

struct Case {
    const char* plugin;
    Json options, train;
};
const Case cases[] = {
    {"finetune", Json::object(), {{"momentum", 0.5}}},
    {"finetune", Json::object(), {{"optimizer", "adam"}, {"reset_optimizer", false}}},
    {"joint", Json::object(), Json::object()},
    {"er", {{"policy", "class_balanced"}}, Json::object()},
    {"er", {{"policy", "ring"}, {"memory_per_class", 2}}, Json::object()},
    {"er", {{"policy", "reservoir"}, {"memory", 7}}, Json::object()},
    {"ewc", {{"fisher", "sample"}, {"fisher_samples", 10}}, Json::object()},
    {"ewc_online", {{"consolidate", "running"}, {"running_steps", 2}}, Json::object()},
    {"si", Json::object(), {{"momentum", 0.5}}},
    {"mas", {{"abs_batch", 4}}, Json::object()},
    {"importance", {{"measure", "sos"}, {"reinit", true}}, Json::object()},
    {"importance", {{"measure", "rf"}, {"samples", 10}}, {{"reset_optimizer", false}}},
    {"agem", Json::object(), {{"momentum", 0.5}}}};

const Layout layout{.hidden = {5}, .seeds = {1, 2}, .dropout = 0.25};

Batch step(int64_t task, uint32_t k) {
    return batch(2, numbers(2 * 4 * 3, 100 + static_cast<uint32_t>(task) * 10 + k),
                 {0, 1, 2, 0, 2, 1, 1, 0}, std::vector<int64_t>(8, task));
}
void set_examples(SessionFixture& fixture) {
    for (int64_t t = 0; t < 3; ++t)
        fixture.set_examples(t, make_task_data(12, 3, {0, 1, 2}, static_cast<uint32_t>(t)));
}
void train(PluginLearner& learner, int64_t first_task, uint32_t first_step, int64_t last_task,
           uint32_t last_step) { // both ends are included
    for (int64_t t = first_task; t <= last_task; ++t) {
        const bool resumed = t == first_task && first_step > 0;
        if (!resumed) learner.begin_task(t);
        const uint32_t end = t == last_task ? last_step : 4;
        for (uint32_t k = resumed ? first_step : 0; k <= end; ++k)
            learner.observe(step(t, k), t, k);
        if (t < last_task) learner.end_task(t);
    }
}

} // namespace

TEST_CASE("no handle is left when a learner is gone") {
    for (const auto& c : cases) {
        INFO(c.plugin << " " << c.options.dump());
        SessionFixture fixture(layout);
        set_examples(fixture);
        const int64_t before = live_handles();
        {
            PluginLearner learner(fixture, c.plugin, c.options, c.train);
            CHECK(live_handles() > before);
            train(learner, 0, 0, 0, 4);
            learner.end_task(0);
            train(learner, 1, 0, 1, 4);
            const int64_t now = live_handles();
            train(learner, 1, 5, 1, 8); // more steps of one task hold no more
            CHECK(live_handles() == now);
        }
        CHECK(live_handles() == before);
    }
}

TEST_CASE("a learner that is refused leaves nothing behind") {
    SessionFixture fixture(layout);
    const int64_t before = live_handles();
    CHECK(refusal([&] {
              PluginLearner(fixture, "ewc", {{"lambda", -1}});
          }) == "suite: lambda = -1 is out of bounds; expected lambda >= 0");
    CHECK(live_handles() == before);
    SessionFixture other(layout);
    const int64_t with_other = live_handles();
    CHECK(refusal([&] {
              PluginLearner(other, "er", {{"memory_batc", 3}});
          }) == "suite: memory_batc is not an option of er; did you mean memory_batch?");
    CHECK(live_handles() == with_other);
}

TEST_CASE("a checkpoint goes on in a new learner bit for bit, in the middle of a task too") {
    for (const auto& c : cases) {
        INFO(c.plugin << " " << c.options.dump());
        std::string saved, digest;
        std::vector<double> unbroken;
        {
            SessionFixture fixture(layout);
            set_examples(fixture);
            PluginLearner learner(fixture, c.plugin, c.options, c.train);
            train(learner, 0, 0, 1, 2);
            saved = learner.saved(), digest = learner.digest();
            train(learner, 1, 3, 2, 4);
            unbroken = learner.theta();
            CHECK(learner.digest() != digest);
        }
        SessionFixture fixture(layout);
        set_examples(fixture);
        PluginLearner learner(fixture, c.plugin, c.options, c.train);
        fixture.begin_task(1);
        learner.restore(saved);
        CHECK(learner.digest() == digest);
        CHECK(learner.saved() == saved);
        train(learner, 1, 3, 2, 4);
        CHECK(learner.theta() == unbroken);
    }
}

TEST_CASE("a checkpoint of another learner is refused") {
    SessionFixture fixture(layout);
    PluginLearner one(fixture, "finetune", Json::object(), {{"momentum", 0.5}});
    const auto saved = one.saved();
    SessionFixture other(layout);
    PluginLearner two(other, "er");
    CHECK(refusal([&] {
              two.restore(saved);
          }).find("state() must visit the same names in the same order") != std::string::npos);
    CHECK(refusal([&] { two.restore("nonsense"); }) ==
          "checkpoint: its content cannot be read; delete it, the run then starts anew");
    CHECK(refusal([&] { two.restore(saved.substr(0, saved.size() / 2)); }) ==
          "checkpoint: its content cannot be read; delete it, the run then starts anew");
}

TEST_CASE("what is kept between tasks is counted, working space is not") {
    SessionFixture fixture(layout);
    set_examples(fixture);
    const auto columns = static_cast<double>(fixture.net().columns());
    const auto kept = [&](const char* plugin, const Json& options, const Json& settings) {
        SessionFixture own(layout);
        set_examples(own);
        PluginLearner learner(own, plugin, options, settings);
        train(learner, 0, 0, 0, 4);
        learner.end_task(0);
        return learner.kept_bytes();
    };
    CHECK(kept("finetune", Json::object(), {{"momentum", 0.8}}) ==
          0); // its moments are dropped at the next task
    CHECK(kept("finetune", Json::object(), {{"momentum", 0.8}, {"reset_optimizer", false}}) ==
          2 * 4 * columns);
    CHECK(kept("ewc", Json::object(), {{"momentum", 0}}) == 2 * 2 * 4 * columns); // 2P a replica
}
