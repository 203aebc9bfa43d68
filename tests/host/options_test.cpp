// SPDX-License-Identifier: Apache-2.0
// A method's options: what a suite's values get, word for word.
#include "catch.hpp"

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using protocol::Settings;

host::OptionBook book(const Settings& options, const Settings& train = {},
                      const Json& benchmark = Json::object()) {
    return {"demo", {options}, {train}, benchmark};
}
Settings given(const std::string& key, const Json& value) {
    return {{key, {value, "suite.toml:7"}}};
}

host::Declared lambda() {
    return {"lambda", "number", "weight of the penalty", 10, {}, 0.0, {}, false, false, {}};
}
host::Declared samples() {
    return {"samples", "count", "examples", 100, {}, 1.0, {}, false, false, {}};
}
host::Declared rate() { return {"rate", "real", "a share", 0.5, {}, 0.0, 1.0, true, true, {}}; }
host::Declared fisher() {
    return {"fisher", "choice", "which", "exact", {},
            {},       {},       false,   false,   {"exact", "sample", "empirical"}};
}
host::Declared clip() { return {"clip", "flag", "on or off", false, {}, {}, {}, false, false, {}}; }

std::string refused(const host::Declared& d, const Json& value) {
    return refusal([&] { book(given(d.name, value)).declare(d, false); });
}

} // namespace

TEST_CASE("an option that is not given has its default, one that is given its value") {
    auto none = book({});
    CHECK(none.declare(lambda(), false).values == std::vector<Json>{10.0});
    CHECK(none.declare(samples(), false).values == std::vector<Json>{100});
    CHECK(none.declare(fisher(), false).values == std::vector<Json>{"exact"});
    CHECK(none.declare(clip(), false).values == std::vector<Json>{false});
    CHECK(none.effective_options(0) ==
          Json({{"lambda", 10.0}, {"samples", 100}, {"fisher", "exact"}, {"clip", false}}));
    CHECK(book(given("lambda", 3)).declare(lambda(), false).values == std::vector<Json>{3.0});
    CHECK(book(given("samples", 4.0)).declare(samples(), false).values.front().is_number_integer());
    CHECK(book(given("fisher", "sample")).declare(fisher(), false).values ==
          std::vector<Json>{"sample"});
}

TEST_CASE("a value of the wrong type names its place and what is expected") {
    CHECK(refused(lambda(), "ten") ==
          "suite.toml:7: lambda = \"ten\" is of the wrong type; expected a number");
    CHECK(refused(lambda(), true) ==
          "suite.toml:7: lambda = true is of the wrong type; expected a number");
    CHECK(refused(samples(), 2.5) ==
          "suite.toml:7: samples = 2.5 is of the wrong type; expected a whole number");
    CHECK(refused(fisher(), 1) ==
          "suite.toml:7: fisher = 1 is of the wrong type; expected one of its choices, in quotes");
    CHECK(refused(clip(), 1) ==
          "suite.toml:7: clip = 1 is of the wrong type; expected true or false");
}

TEST_CASE("a value out of bounds names the bounds") {
    CHECK(refused(lambda(), -1) ==
          "suite.toml:7: lambda = -1 is out of bounds; expected lambda >= 0");
    CHECK(refused(lambda(), 0) == "");
    CHECK(refused(samples(), 0) ==
          "suite.toml:7: samples = 0 is out of bounds; expected samples >= 1");
    CHECK(refused(rate(), 0) ==
          "suite.toml:7: rate = 0 is out of bounds; expected rate > 0 and < 1");
    CHECK(refused(rate(), 1.0) ==
          "suite.toml:7: rate = 1.0 is out of bounds; expected rate > 0 and < 1");
    CHECK(refused(fisher(), "none") ==
          "suite.toml:7: fisher = \"none\" is not a choice; use one of exact, sample, empirical");
}

TEST_CASE("an option that nobody reads is refused with the nearest one") {
    const auto leftover = [](const std::string& key) {
        auto b = book(given(key, 1));
        b.declare(lambda(), false), b.declare(samples(), false);
        return refusal([&] { b.refuse_leftovers(); });
    };
    CHECK(leftover("lamda") ==
          "suite.toml:7: lamda is not an option of demo; did you mean lambda?");
    CHECK(leftover("zzz") ==
          "suite.toml:7: zzz is not an option of demo; demo has lambda, samples");
    CHECK(leftover("lambda") == "");
    CHECK(refusal([] { book(given("zzz", 1)).refuse_leftovers(); }) ==
          "suite.toml:7: zzz is not an option of demo; demo has no options");
}

TEST_CASE("an option is read once") {
    auto b = book({});
    b.declare(lambda(), false);
    CHECK(refusal([&] { b.declare(lambda(), false); }) ==
          "demo: option lambda is read twice; read each option once");
    SessionFixture fixture({});
    auto& setup = fixture.setup();
    setup.options.real("xi", 0.1, {.above = 0}, "damping");
    CHECK(refusal([&] { setup.options.real("xi", 0.1, {.above = 0}, "damping"); }) ==
          "method: option xi is read twice; read each option once");
    setup.recipe();
    CHECK(refusal([&] { setup.recipe(); }) ==
          "method: option optimizer is read twice; read each option once");
}

TEST_CASE("a default out of its own bounds is the plugin's fault") {
    auto wrong = lambda();
    wrong.standard = -1;
    CHECK(refusal([&] { book({}).declare(wrong, false); }) ==
          "demo: the default: lambda = -1.0 is out of bounds; expected lambda >= 0");
}

TEST_CASE("numbers may differ by run, nothing else may") {
    host::OptionBook b("demo", {given("lambda", 1), given("lambda", 5), {}}, {{}, {}, {}},
                       Json::object());
    CHECK(b.declare(lambda(), false).values == std::vector<Json>{1.0, 5.0, 10.0});
    CHECK(b.effective_options(1) == Json({{"lambda", 5.0}}));
    host::OptionBook c("demo", {given("samples", 1), given("samples", 5)}, {{}, {}},
                       Json::object());
    CHECK(refusal([&] { c.declare(samples(), false); }) ==
          "demo: runs of one cell differ in samples; they may differ in numbers only");
}

TEST_CASE("train: the suite stands above the benchmark, the benchmark above the method") {
    const host::Declared lr{"lr", "number", "rate", 0.01, {}, 0.0, {}, true, false, {}};
    const auto effective = [&](const Settings& suite, const Json& benchmark) {
        auto b = book({}, suite, benchmark);
        b.declare(lr, true);
        return b.train(0)["lr"].get<double>();
    };
    CHECK(effective({}, Json::object()) == 0.01);
    CHECK(effective({}, {{"lr", 0.3}}) == 0.3);
    CHECK(effective(given("lr", 0.7), {{"lr", 0.3}}) == 0.7);
    CHECK(refusal([&] { effective(given("lr", 0), {}); }) ==
          "suite.toml:7: lr = 0 is out of bounds; expected lr > 0");
}

TEST_CASE("a plugin reads its options as it declared them") {
    SessionFixture fixture({.seeds = {1, 2}});
    auto& options = fixture.setup({{"lambda", 3}, {"kind", "b"}, {"n", 7}, {"on", true}}).options;
    const auto number = options.number("lambda", 10, {.min = 0}, "weight");
    CHECK(number.shape() == std::vector<int64_t>{2, 1});
    CHECK(number.to_vector() == std::vector<double>{3, 3});
    CHECK(options.choice("kind", {"a", "b"}, "which") == "b");
    CHECK(options.choice("other", {"a", "b"}, "which") == "a");
    CHECK(options.count("n", 1, {.min = 1}, "how many") == 7);
    CHECK(options.flag("on", false, "whether"));
    CHECK(options.real("r", 0.25, {}, "a number") == 0.25);
    CHECK(refusal([&] {
              fixture.setup({{"r", 2}}).options.real("r", 0.25, {.min = 0, .below = 1}, "a number");
          }) == "suite: r = 2 is out of bounds; expected r >= 0 and < 1");
}
