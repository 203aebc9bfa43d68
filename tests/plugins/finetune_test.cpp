// SPDX-License-Identifier: Apache-2.0
// Fine-tuning and joint training.
#include "catch.hpp"

#include "lessons.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

const Layout layout{.hidden = {5}, .seeds = {1, 2}};

Batch lesson(int64_t t, uint32_t k) {
    return batch(2, numbers(2 * 4 * 3, 20 + static_cast<uint32_t>(t) * 10 + k),
                 {0, 1, 2, 0, 2, 1, 1, 0}, std::vector<int64_t>(8, t));
}

} // namespace

TEST_CASE("finetune: with momentum the first step of every task is -lr g, bit for bit") {
    Desk desk(layout);
    for (int64_t t = 0; t < 3; ++t) desk.lay(t, sheet(6, 3, {0, 1, 2}, 1));
    Student student(desk, "finetune", Json::object(), {{"lr", 0.25}, {"momentum", 0.8}});
    for (int64_t t = 0; t < 3; ++t) {
        student.begin_task(t);
        for (uint32_t k = 0; k < 4; ++k) {
            const Weights w{tensor(student.theta(), {2, desk.net().columns()}, DType::float32),
                            desk.net().initial().stats};
            const auto plain =
                (w.theta - 0.25 * desk.net().gradient(w, lesson(t, k), Mode::eval)).to_vector();
            student.observe(lesson(t, k), t, k);
            if (k == 0) CHECK(student.theta() == plain);
            else CHECK(student.theta() != plain);
        }
        student.end_task(t);
    }
}

TEST_CASE("a learner's defaults are its section's") {
    const auto steps_like = [](const char* plugin, double lr, double momentum) {
        Desk desk(layout), other(layout);
        for (Desk* d : {&desk, &other}) d->lay(0, sheet(6, 3, {0, 1, 2}, 1));
        Student own(desk, plugin),
            told(other, "finetune", Json::object(), {{"lr", lr}, {"momentum", momentum}});
        own.begin_task(0), told.begin_task(0);
        for (uint32_t k = 0; k < 3; ++k)
            own.observe(lesson(0, k), 0, k), told.observe(lesson(0, k), 0, k);
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
