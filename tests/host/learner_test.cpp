// SPDX-License-Identifier: Apache-2.0
// Learners of the shipped plugins at the host: nothing leaks, and a checkpoint goes on where it
// stopped.
#include "catch.hpp"

#include "desk.hpp"

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
void lay(Desk& desk) {
    for (int64_t t = 0; t < 3; ++t) desk.lay(t, sheet(12, 3, {0, 1, 2}, static_cast<uint32_t>(t)));
}
void train(Student& student, int64_t first_task, uint32_t first_step, int64_t last_task,
           uint32_t last_step) { // both ends are included
    for (int64_t t = first_task; t <= last_task; ++t) {
        const bool resumed = t == first_task && first_step > 0;
        if (!resumed) student.begin_task(t);
        const uint32_t end = t == last_task ? last_step : 4;
        for (uint32_t k = resumed ? first_step : 0; k <= end; ++k)
            student.observe(step(t, k), t, k);
        if (t < last_task) student.end_task(t);
    }
}

} // namespace

TEST_CASE("no handle is left when a learner is gone") {
    for (const auto& c : cases) {
        INFO(c.plugin << " " << c.options.dump());
        Desk desk(layout);
        lay(desk);
        const int64_t before = live_handles();
        {
            Student student(desk, c.plugin, c.options, c.train);
            CHECK(live_handles() > before);
            train(student, 0, 0, 0, 4);
            student.end_task(0);
            train(student, 1, 0, 1, 4);
            const int64_t now = live_handles();
            train(student, 1, 5, 1, 8); // more steps of one task hold no more
            CHECK(live_handles() == now);
        }
        CHECK(live_handles() == before);
    }
}

TEST_CASE("a learner that is refused leaves nothing behind") {
    Desk desk(layout);
    const int64_t before = live_handles();
    CHECK(refusal([&] {
              Student(desk, "ewc", {{"lambda", -1}});
          }) == "suite: lambda = -1 is out of bounds; expected lambda >= 0");
    CHECK(live_handles() == before);
    Desk other(layout);
    CHECK(refusal([&] {
              Student(other, "er", {{"memory_batc", 3}});
          }) == "suite: memory_batc is not an option of er; did you mean memory_batch?");
    CHECK(live_handles() == before);
}

TEST_CASE("a checkpoint goes on in a new learner bit for bit, in the middle of a task too") {
    for (const auto& c : cases) {
        INFO(c.plugin << " " << c.options.dump());
        std::string saved, digest;
        std::vector<double> unbroken;
        {
            Desk desk(layout);
            lay(desk);
            Student student(desk, c.plugin, c.options, c.train);
            train(student, 0, 0, 1, 2);
            saved = student.saved(), digest = student.digest();
            train(student, 1, 3, 2, 4);
            unbroken = student.theta();
            CHECK(student.digest() != digest);
        }
        Desk desk(layout);
        lay(desk);
        Student student(desk, c.plugin, c.options, c.train);
        desk.begin_task(1);
        student.restore(saved);
        CHECK(student.digest() == digest);
        CHECK(student.saved() == saved);
        train(student, 1, 3, 2, 4);
        CHECK(student.theta() == unbroken);
    }
}

TEST_CASE("a checkpoint of another learner is refused") {
    Desk desk(layout);
    Student one(desk, "finetune", Json::object(), {{"momentum", 0.5}});
    const auto saved = one.saved();
    Desk other(layout);
    Student two(other, "er");
    CHECK(refusal([&] {
              two.restore(saved);
          }).find("state() must visit the same names in the same order") != std::string::npos);
    CHECK(refusal([&] { two.restore("nonsense"); }) ==
          "checkpoint: its content cannot be read; delete it, the run then starts anew");
    CHECK(refusal([&] { two.restore(saved.substr(0, saved.size() / 2)); }) ==
          "checkpoint: its content cannot be read; delete it, the run then starts anew");
}

TEST_CASE("what is kept between tasks is counted, working space is not") {
    Desk desk(layout);
    lay(desk);
    const auto columns = static_cast<double>(desk.net().columns());
    const auto kept = [&](const char* plugin, const Json& options, const Json& settings) {
        Desk own(layout);
        lay(own);
        Student student(own, plugin, options, settings);
        train(student, 0, 0, 0, 4);
        student.end_task(0);
        return student.kept_bytes();
    };
    CHECK(kept("finetune", Json::object(), {{"momentum", 0.8}}) ==
          0); // its moments are dropped at the next task
    CHECK(kept("finetune", Json::object(), {{"momentum", 0.8}, {"reset_optimizer", false}}) ==
          2 * 4 * columns);
    CHECK(kept("ewc", Json::object(), {{"momentum", 0}}) == 2 * 2 * 4 * columns); // 2P a replica
}
