// SPDX-License-Identifier: Apache-2.0
// Whose value of [train] counts, and the mixtures that are warned of.
#include "plan/train_sources.hpp"
#include "catch.hpp"
#include "planned.hpp"

using namespace plan_test;

namespace {

// "lr = 0.01 (benchmark)" of each group's first keys.
std::string text(const TrainGroup& group) {
    std::string line = group.benchmark + ":";
    for (const std::string& label : group.labels) line += " " + label;
    for (const TrainValue& value : group.values)
        if (value.key == "lr" || value.key == "optimizer" || value.key == "momentum" ||
            value.key == "epochs")
            line += " | " + value.key + " " + value.value + " " + name(value.source);
    return line;
}

// As a worker answers, the benchmark's values count where the suite sets none.
std::vector<std::string> mixtures_of(const std::string& train, const std::string& method = "") {
    const Suites suites;
    suites.folder.write("b/tiny.toml", std::string(tiny) + train);
    Planned planned = prepare(suites, "[[method]]\nplugin = \"er\"\n" + method);
    const auto merged =
        protocol::merge(protocol::train_defaults(), planned.suite.benchmarks.front().spec.train,
                        train_from(planned.suite.methods.front().train));
    std::get<protocol::Constructed>(planned.answers.front()).train = to_json(merged);
    return mixtures(planned.plan());
}

} // namespace

TEST_CASE("each value of [train] has a source; methods that train alike are one group") {
    const Suites suites;
    Planned planned = prepare(suites,
                              "[[method]]\nplugin = \"er\"\ntrain = { lr = 0.5 }\n"
                              "[[method]]\nplugin = \"si\"\n"
                              "[[method]]\nplugin = \"mas\"\n");
    for (protocol::Message& message : planned.answers)
        std::get<protocol::Constructed>(message).train["momentum"] = 0.9; // the method's own
    const auto groups = train_groups(planned.plan());
    REQUIRE(groups.size() == 2);
    CHECK(text(groups[0]) ==
          "tiny: er | optimizer \"sgd\" default | lr 0.5 suite | momentum 0.9 "
          "method | epochs 1 default");
    CHECK(groups[1].labels == std::vector<std::string>{"si", "mas"});
    CHECK_THAT(text(groups[1]), Catch::Matchers::Contains("lr 0.01 benchmark"));
}

TEST_CASE("a learning rate of the suite over an optimizer of the benchmark is warned of") {
    const std::string adam = "optimizer = \"adam\"\n", lr = "train = { lr = 0.1 }\n";
    const auto warned = mixtures_of(adam, lr);
    REQUIRE(warned.size() == 1);
    CHECK(warned[0] ==
          "tiny: the suite's lr = 0.1 meets the benchmark's optimizer = \"adam\" "
          "(er); set optimizer beside it, or leave lr to the benchmark, which has "
          "0.01");
}

TEST_CASE("an optimizer of the suite with the learning rate of the benchmark is warned of") {
    const auto warned = mixtures_of("", "train = { optimizer = \"adam\" }\n");
    REQUIRE(warned.size() == 1);
    CHECK(warned[0] ==
          "tiny: the benchmark's lr = 0.01 meets the suite's optimizer = \"adam\" "
          "(er); set lr beside it");
}

TEST_CASE("what was chosen together, or lies near, is not warned of") {
    CHECK(mixtures_of("").empty());
    CHECK(mixtures_of("", "train = { lr = 0.5 }\n").empty()); // sgd on both sides
    CHECK(mixtures_of("", "train = { optimizer = \"sgd\" }\n").empty());
    CHECK(mixtures_of("optimizer = \"adam\"\n").empty());
    CHECK(mixtures_of("optimizer = \"adam\"\n", "train = { lr = 0.02 }\n").empty());
    CHECK(mixtures_of("", "train = { optimizer = \"adamw\", lr = 0.001, weight_decay = 0.1 }\n")
              .empty());
}
