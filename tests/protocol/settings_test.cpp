// SPDX-License-Identifier: Apache-2.0
// A list of settings on the wire.
#include "protocol/settings.hpp"
#include "catch.hpp"
#include "protocol/codec.hpp"

using namespace mneme::protocol;

TEST_CASE("settings keep their order, places and kinds") {
    const Settings settings{{"z", {1, "s.toml:1:1"}}, {"a", {1.0, "--set"}}, {"m", {"x", ""}}};
    const Json json = Json::parse(to_json(settings).dump());
    const Settings again = settings_from_json(json);
    REQUIRE(again.size() == 3);
    CHECK(again[0].first == "z");
    CHECK(again[1].first == "a");
    CHECK(again[0].second.value.is_number_integer());
    CHECK(again[1].second.value.is_number_float());
    CHECK(again[1].second.where == "--set");
    CHECK(again[2].second.value == "x");
    CHECK(to_json(again) == to_json(settings));
}

TEST_CASE("what is not a list of settings") {
    const auto fault = [](const Json& json) -> std::string {
        try {
            settings_from_json(json);
        } catch (const FieldError& error) {
            return error.what();
        }
        return "";
    };
    CHECK(fault(Json::object()) == "a list is expected");
    CHECK(fault(Json::array({3})) == "[0]: an object is expected");
    CHECK(fault(Json::parse(R"([{"key": "a", "value": 1}])")) == "[0].where: is missing");
}

TEST_CASE("equal settings have equal canonical text") {
    CHECK(canonical(Json{{"b", 5.0}, {"a", {1, 0.1}}}) == R"({"a":[1,0.1],"b":5})");
    CHECK(canonical(Json(1e-7)) == "1e-07");
    CHECK(toml_text(Json{{"lambda", 5.0}, {"fisher", "true"}}) ==
          "fisher = \"true\"\nlambda = 5.0\n");
}
