// SPDX-License-Identifier: Apache-2.0
// MC-SGD: degenerate settings, what starts a task and what is kept, the length of the line phase,
// resume.
#include "catch.hpp"

#include <algorithm>

#include "mcsgd.hpp"

using namespace mneme;
using namespace mneme::test;

TEST_CASE("mcsgd: rho = 1 and lr_line = 0 is sequential training, bit for bit") {
    for (const char* chain : {"bar", "hat"}) {
        TaskFixture mc(TaskFixture::layout(0.3), "mcsgd",
                       with(small, {{"rho", 1}, {"lr_line", 0}, {"chain", chain}}), plain_train);
        TaskFixture naive(TaskFixture::layout(0.3), "finetune", Json::object(), plain_train);
        for (int64_t t = 0; t < 3; ++t) {
            mc.task(t), naive.task(t);
            CHECK(mc->theta() == naive->theta());
        }
    }
}

TEST_CASE("mcsgd: rho = 0 and lr_line = 0 keeps the first solution for ever") {
    for (const char* chain : {"bar", "hat"}) {
        TaskFixture mc(TaskFixture::layout(), "mcsgd",
                       with(small, {{"rho", 0}, {"lr_line", 0}, {"chain", chain}}), plain_train);
        mc.task(0);
        const auto first = mc->theta();
        for (int64_t t : {1, 2}) {
            mc.task(t);
            CHECK(mc->theta() == first);
        }
    }
}

TEST_CASE(
    "mcsgd: by_task and mixed make the same number of memory steps, and the longer side sets the "
    "phase's length") {
    for (int64_t samples : {4, 9, 400})
        for (bool current : {true, false}) {
            INFO(samples << " current samples, memory includes current " << current);
            const Json options{{"line_batch", 4},
                               {"current_samples", samples},
                               {"memory_includes_current", current},
                               {"line_epochs", 2}};
            for (int64_t t = 0; t < 3; ++t) {
                std::vector<int64_t> lengths, memory_steps;
                for (const char* grouping : {"by_task", "mixed"}) {
                    TaskFixture fixture(TaskFixture::layout(), "mcsgd",
                                        with(options, {{"memory_grouping", grouping}}),
                                        plain_train);
                    for (int64_t earlier = 0; earlier < t; ++earlier)
                        fixture->begin_task(earlier), fixture->end_task(earlier);
                    fixture->begin_task(t);
                    const auto phases = fixture->phases(t);
                    CHECK(phases[0].name == "sequential");
                    CHECK(phases.size() == (t == 0 ? 1 : 2));
                    if (t == 0) continue;
                    const auto line = fixture.resolved(phases[1], t);
                    CHECK(line.name == "line");
                    const int64_t tasks = current ? t + 1 : t,
                                  rows = std::min<int64_t>(samples, TaskFixture::rows);
                    CHECK(line.steps == std::max(tasks, (rows + 3) / 4));
                    lengths.push_back(line.length());
                    fixture->begin_phase(line, t, 1);
                    const auto plan = fixture->state()["memory.~plan"]; // [S, steps, rows]
                    const auto width = plan.size() / 2 / static_cast<std::size_t>(line.length());
                    int64_t made = 0;
                    for (std::size_t k = 0; k < static_cast<std::size_t>(line.length()); ++k)
                        made +=
                            std::any_of(plan.begin() + static_cast<std::ptrdiff_t>(k * width),
                                        plan.begin() + static_cast<std::ptrdiff_t>((k + 1) * width),
                                        [](double at) { return at >= 0; });
                    memory_steps.push_back(made);
                    CHECK(made == 2 * tasks);
                }
                if (t > 0) CHECK((lengths[0] == lengths[1] && memory_steps[0] == memory_steps[1]));
            }
        }
}

TEST_CASE(
    "mcsgd: the number of points changes neither what is stored nor the order of the memory") {
    std::vector<std::map<std::string, std::vector<double>>> states;
    for (int64_t points : {5, 10}) {
        OnLine on({{"points", points}, {"lr_line", 0}});
        for (uint32_t k = 0; k < 2; ++k)
            on.fixture->observe(on.fixture.task_batch(1, 50 + k), 1, k, nullptr, 1);
        states.push_back(on.fixture->state());
    }
    for (const char* name : {"memory.store.x", "memory.store.y", "memory.~plan", "memory.~tick"})
        CHECK(states[0][name] == states[1][name]);
    CHECK(states[0]["memory.~tick"] == std::vector<double>{2});
}

TEST_CASE(
    "mcsgd: averaging only is w_bar + rho (w_hat - w_bar), keeps nothing, and is the line phase at "
    "rate 0") {
    const Json average{{"rho", 0.25}, {"line_epochs", 0}};
    TaskFixture mc(TaskFixture::layout(), "mcsgd", average, plain_train),
        still(TaskFixture::layout(), "mcsgd", with(small, {{"rho", 0.25}, {"lr_line", 0}}),
              plain_train);
    for (int64_t t = 0; t < 3; ++t) {
        const auto bar = mc->theta();
        mc->begin_task(t);
        const auto phases = mc->phases(t);
        REQUIRE(phases.size() == 1);
        mc.steps(phases[0], t, 0);
        auto wanted = mc->theta();
        if (t > 0)
            for (std::size_t k = 0; k < bar.size(); ++k)
                wanted[k] = bar[k] + 0.25 * (wanted[k] - bar[k]);
        mc->end_phase(phases[0], t, 0);
        mc->end_task(t);
        CHECK(distance(mc->theta(), wanted) < 1e-6);
        CHECK(mc->kept_bytes() == 0);
        still.task(t);
        CHECK(still->theta() == mc->theta());
    }
    CHECK(
        still->kept_bytes() ==
        2 * 9 *
            (3 * 4 + 8 + 8 + 4)); // 9 rows a seed: 3 inputs and a weight in float32, label and task
}

TEST_CASE(
    "mcsgd: chain decides where the next task starts; hat is the sequential chain, untouched by "
    "the line") {
    TaskFixture bar(TaskFixture::layout(0.2), "mcsgd", small, plain_train),
        hat(TaskFixture::layout(0.2), "mcsgd", with(small, {{"chain", "hat"}}), plain_train);
    TaskFixture naive(TaskFixture::layout(0.2), "finetune", Json::object(), plain_train);
    for (int64_t t = 0; t < 3; ++t) {
        const auto average = bar->theta(), sequential = naive->theta();
        bar->begin_task(t), hat->begin_task(t);
        CHECK(bar->theta() == average);
        CHECK(hat->theta() == sequential);
        bar.phases(t), hat.phases(t), naive.task(t);
        CHECK(hat->state()["hat"] == naive->theta());
        CHECK((hat->theta() != naive->theta()) == (t > 0));
        CHECK((bar->theta() == hat->theta()) == (t < 2)); // w_bar_1 is w_hat_1
        bar->end_task(t), hat->end_task(t);
        CHECK(hat->kept_bytes() - bar->kept_bytes() ==
              4.0 * static_cast<double>(naive->theta().size()));
    }
}

TEST_CASE(
    "mcsgd: the line phase has a fresh momentum, and leaves the last average and the new solution "
    "as they are") {
    OnLine on(with(small, {{"line_momentum", 0.8}, {"lr_line", 0.05}}));
    const auto start = on.fixture->state();
    CHECK(largest(start.at("move.~first")) == 0);
    for (uint32_t k = 0; k < 3; ++k)
        on.fixture->observe(on.fixture.task_batch(1, 50 + k), 1, k, nullptr, 1);
    const auto after = on.fixture->state();
    CHECK(largest(after.at("move.~first")) > 0);
    for (const char* name : {"~bar", "~hat", "descend.~first"})
        CHECK(after.at(name) == start.at(name));
    CHECK(after.at("weights.theta") != start.at("weights.theta"));
    on.fixture->begin_phase(on.line, 1, 1);
    CHECK(largest(on.fixture->state()["move.~first"]) == 0);
}

TEST_CASE("mcsgd: restored in the middle of the line phase it goes on to the same bits") {
    for (const Json& more : {Json{{"chain", "hat"}}, Json{{"memory_grouping", "mixed"}},
                             Json{{"alphas", "uniform"}}}) {
        const auto options = with(small, with({{"line_epochs", 2}}, more));
        TaskFixture whole(TaskFixture::layout(0.2), "mcsgd", options, plain_train),
            broken(TaskFixture::layout(0.2), "mcsgd", options, plain_train);
        for (int64_t t = 0; t < 3; ++t) whole.task(t);
        for (int64_t t = 0; t < 2; ++t) broken.task(t);
        broken->begin_task(2);
        const auto phases = broken->phases(2);
        broken.phase(phases[0], 2, 0);
        const auto line = broken.resolved(phases[1], 2);
        broken->begin_phase(line, 2, 1);
        broken.steps(line, 2, 1, 0, 2);
        TaskFixture resumed(TaskFixture::layout(0.2), "mcsgd", options, plain_train);
        resumed->restore(broken->saved());
        resumed.fixture.begin_task(2);
        CHECK(resumed->phases(2).size() == 2);
        resumed.steps(line, 2, 1, 2);
        resumed->end_phase(line, 2, 1);
        resumed->end_task(2);
        CHECK(resumed->digest() == whole->digest());
    }
}

TEST_CASE("mcsgd: the first task may have twice the epochs") {
    for (int64_t factor : {1, 2}) {
        TaskFixture fixture(TaskFixture::layout(), "mcsgd", {{"first_task_factor", factor}},
                            plain_train);
        fixture->begin_task(0);
        CHECK(fixture->phases(0)[0].epochs == 2 * factor);
        fixture->end_task(0), fixture->begin_task(1);
        CHECK(fixture->phases(1)[0].epochs == 2);
    }
}

TEST_CASE("mcsgd: what does not fit is refused by the option's name") {
    const auto says = [&](const Json& options) {
        SessionFixture fixture(TaskFixture::layout());
        return refusal([&] { PluginLearner(fixture, "mcsgd", options); });
    };
    CHECK(says(Json::object()) == "");
    const std::vector<std::pair<const char*, Json>> wrong{{"rho", 1.5},
                                                          {"lr_line", -0.1},
                                                          {"points", 0},
                                                          {"line_batch", 0},
                                                          {"line_epochs", -1},
                                                          {"line_momentum", 1},
                                                          {"current_samples", 0},
                                                          {"mode", "true"},
                                                          {"chain", "both"},
                                                          {"memory_per_class", 0},
                                                          {"alphas", "random"},
                                                          {"first_task_factor", 3},
                                                          {"line_scale", "sum"},
                                                          {"line_points", "max"},
                                                          {"memory_grouping", "task"}};
    for (const auto& [key, value] : wrong) {
        INFO(key);
        CHECK(says({{key, value}}).find(key) != std::string::npos);
    }
}
