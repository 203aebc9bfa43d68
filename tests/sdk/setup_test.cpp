// SPDX-License-Identifier: Apache-2.0
// What a learner is built from: facts of the run, texts, keys of [train], diagnostics.
#include <mneme/setup.hpp>

#include "catch.hpp"
#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

TEST_CASE("facts of the run: scenario, tasks, input shape, features") {
    SessionFixture fixture(
        {.features = 4, .hidden = {7}, .scenario = "class", .tasks = {{0}, {1, 2}}});
    const auto& run = fixture.setup().run;
    CHECK(run.scenario == Scenario::class_);
    CHECK(run.tasks == 2);
    CHECK(run.input_shape == std::vector<int64_t>{4});
    CHECK(run.features == 7);

    SessionFixture pictures({.features = 192,
                             .scenario = "task",
                             .network = "resnet18",
                             .hidden_boundaries = true,
                             .image = {3, 8, 8}});
    const auto& other = pictures.setup().run;
    CHECK(other.scenario == Scenario::task);
    CHECK_FALSE(other.tasks.has_value());
    CHECK(other.input_shape == std::vector<int64_t>{3, 8, 8});
    const auto x = zeros({1, 2, 192});
    CHECK(other.features ==
          pictures.net().features(pictures.net().initial(), x, Mode::eval).size(2));
}

TEST_CASE("a text is an option like the others") {
    SessionFixture fixture({});
    CHECK(fixture.setup().options.text("order", "as it comes", "help") == "as it comes");
    CHECK(fixture.setup({{"order", "1,2"}}).options.text("order", "", "help") == "1,2");
    CHECK(refusal([&] {
              fixture.setup({{"order", 3}}).options.text("order", "", "help");
          }) == "suite: order = 3 is of the wrong type; expected a text in quotes");
}

TEST_CASE("options.train() declares keys of [train], with the method's own defaults") {
    SessionFixture fixture({});
    auto& s = fixture.setup(Json::object(), {{"epochs", 3}});
    auto train = s.options.train();
    CHECK(train.count("epochs", 9, {.min = 1}, "passes") == 3);
    CHECK(train.choice("optimizer", {"sgd", "adam", "adamw"}, "rule", Rule::adam) == Rule::adam);
    CHECK(s.options.count("epochs", 9, {.min = 1}, "the method's own key of that name") == 9);
}

TEST_CASE("a diagnostic reports its values, row by row of the replicas") {
    SessionFixture fixture({.seeds = {1, 2}});
    auto& s = fixture.setup();
    const auto one = s.diagnostic("violations", "1", "share of steps that project");
    const auto three = s.diagnostic("rank", "1", "directions kept of each layer", 3);
    CHECK(fixture.reports().empty());
    one(Tensor::of(std::vector<float>{0.5, 1}, {2}));
    three(Tensor::of(std::vector<int64_t>{1, 2, 3, 4, 5, 6}, {2, 3}));
    three(Tensor::of(std::vector<int64_t>{6, 5, 4, 3, 2, 1}, {2, 3}));
    CHECK(fixture.reports().at("violations") == std::vector<std::vector<double>>{{0.5, 1}});
    CHECK(fixture.reports().at("rank").back() == std::vector<double>{6, 5, 4, 3, 2, 1});
}

TEST_CASE("a diagnostic that does not fit is refused by name") {
    SessionFixture fixture({.seeds = {1, 2}});
    auto& s = fixture.setup();
    const auto said = [&](const char* name, const char* unit, const char* help, int64_t length) {
        return refusal([&] { (void)s.diagnostic(name, unit, help, length); });
    };
    CHECK(said("ok", "1", "help", 1) == "");
    CHECK(said("ok", "1", "help", 1) ==
          "diagnostic ok: declared twice; give each a name of its own");
    CHECK(said("No", "1", "help", 1) ==
          "diagnostic \"No\": the name does not fit; use 1 to 64 lower-case letters, digits and _");
    CHECK(said("a", "", "help", 1) ==
          "diagnostic a: its unit or help is empty, too long or not one line; give both (\"1\" is "
          "the unit of a bare number)");
    CHECK(said("a", "1", "help", 5000) == "diagnostic a: 5000 numbers a replica; use 1 to 4096");
    const auto two = s.diagnostic("two", "1", "help", 2);
    CHECK(refusal([&] { two(zeros({2, 3})); }) == "diagnostic two: values are [2, 3]; give [2, 2]");
    fixture.record(true);
    CHECK(refusal([&] {
              two(zeros({2, 2}));
          }) ==
          "diagnostic two: values cannot be reported while a step is recorded; keep them in a "
          "tensor and report it in end_phase or end_task");
    fixture.record(false);
}

TEST_CASE("a reported loss counts current rows by weight") {
    SessionFixture fixture({.seeds = {1, 2}});
    auto b = batch(2, numbers(2 * 3 * 3, 1), {0, 1, 2, 0, 1, 2}, {}, {1, 0.5, 7, 0, 1, 7});
    b.current = 2;
    report_loss(fixture.net(), Tensor::of(std::vector<float>{2, 4, 9, 3, 5, 9}, {2, 3}), b);
    const auto noted = fixture.train_loss();
    CHECK(noted.first == std::vector<double>{4, 5});
    CHECK(noted.second == std::vector<double>{1.5, 1});
    CHECK(refusal([&] {
              report_loss(fixture.net(), zeros({2, 2}), b);
          }) ==
          "report_loss: losses are [2, 2] and the batch [2, 3]; give one loss a row of every "
          "replica");
}
