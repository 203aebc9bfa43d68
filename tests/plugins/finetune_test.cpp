// SPDX-License-Identifier: Apache-2.0
// Fine-tuning and joint training.
#include "catch.hpp"

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

const Layout layout{.hidden = {5}, .seeds = {1, 2}};

Batch task_batch(int64_t t, uint32_t k) {
    return batch(2, numbers(2 * 4 * 3, 20 + static_cast<uint32_t>(t) * 10 + k),
                 {0, 1, 2, 0, 2, 1, 1, 0}, std::vector<int64_t>(8, t));
}

} // namespace

TEST_CASE("finetune: with momentum the first step of every task is -lr g, bit for bit") {
    SessionFixture fixture(layout);
    for (int64_t t = 0; t < 3; ++t) fixture.set_examples(t, make_task_data(6, 3, {0, 1, 2}, 1));
    PluginLearner learner(fixture, "finetune", Json::object(), {{"lr", 0.25}, {"momentum", 0.8}});
    for (int64_t t = 0; t < 3; ++t) {
        learner.begin_task(t);
        for (uint32_t k = 0; k < 4; ++k) {
            const Weights w{tensor(learner.theta(), {2, fixture.net().columns()}, DType::float32),
                            fixture.net().initial().stats};
            const auto plain =
                (w.theta - 0.25 * fixture.net().gradient(w, task_batch(t, k), Mode::eval))
                    .to_vector();
            learner.observe(task_batch(t, k), t, k);
            if (k == 0) CHECK(learner.theta() == plain);
            else CHECK(learner.theta() != plain);
        }
        learner.end_task(t);
    }
}

TEST_CASE("a learner's defaults are its section's") {
    const auto steps_like = [](const char* plugin, double lr, double momentum) {
        SessionFixture fixture(layout), other(layout);
        for (SessionFixture* d : {&fixture, &other})
            d->set_examples(0, make_task_data(6, 3, {0, 1, 2}, 1));
        PluginLearner own(fixture, plugin),
            told(other, "finetune", Json::object(), {{"lr", lr}, {"momentum", momentum}});
        own.begin_task(0), told.begin_task(0);
        for (uint32_t k = 0; k < 3; ++k)
            own.observe(task_batch(0, k), 0, k), told.observe(task_batch(0, k), 0, k);
        return own.theta() == told.theta();
    };
    CHECK(steps_like("finetune", 0.01, 0.8));
    CHECK(steps_like("joint", 0.1, 0.8));
    CHECK(steps_like("er", 0.1, 0));
    CHECK(steps_like("agem", 0.1, 0));
    CHECK(steps_like("ewc", 0.03, 0));
    CHECK(steps_like("ewc_online", 0.03, 0));
    CHECK(steps_like("mcsgd", 0.1, 0.8));
    CHECK(steps_like("replay_pass", 0.1, 0.8));
    CHECK_FALSE(steps_like("ewc", 0.01, 0));
}
