// SPDX-License-Identifier: Apache-2.0
#include "plan/plan_text.hpp"

#include <nlohmann/json.hpp>

#include "catch.hpp"

using namespace mneme::harness;
using Json = nlohmann::json;

TEST_CASE("the text has the cells of the range alone, and everything around them") {
    const Json cells = {7, "]}", {{"cells", {1, 2}}}, {"\\", "\"", "\\\""}, nullptr, true, -1.5e3};
    for (const int indent : {-1, 1}) {
        const Json plan = {
            {"a", "\"cells\": ["}, {"b", {{"cells", 1}}}, {"cells", cells}, {"d", {"}", 4}}};
        for (std::size_t first = 0; first <= cells.size(); ++first)
            for (std::size_t last = first; last <= cells.size(); ++last) {
                const auto some = some_cells(plan.dump(indent), {first, last});
                REQUIRE(some);
                CHECK(some->count == cells.size());
                Json wanted = plan;
                wanted["cells"] = Json::array();
                for (std::size_t i = first; i <= last && i < cells.size(); ++i)
                    wanted["cells"].push_back(cells[i]);
                CHECK(Json::parse(some->text) == wanted);
            }
    }
    const auto none = some_cells("{\"cells\" : [ ] }", {0, 0});
    REQUIRE(none);
    CHECK(none->count == 0);
    CHECK(Json::parse(none->text) == Json{{"cells", Json::array()}});
}

TEST_CASE("a text that is no object has no cells to choose from") {
    for (const char* text :
         {"", "7", "[]", "{", "{\"cells\": [", "{\"cells\": [1", "{\"cells\": [1,",
          "{\"cells\": [{", "{\"cells\": [1 2]}", "{\"cells\": [\"]}", "{\"cells\" [1]}",
          "{cells: [1]}", "{\"cells\": [,]}", "{\"a\": 1", "{\"a\": }"})
        CHECK_FALSE(some_cells(text, {0, 0}));
}

TEST_CASE("an object without a list of cells is taken as it is") {
    for (const char* text : {"{\"a\": 1}", "{\"cells\": 1}", "{\"a\\\"cells\": [1]}"}) {
        const auto some = some_cells(text, {0, 0});
        REQUIRE(some);
        CHECK(some->text == text);
        CHECK(some->count == 0);
    }
}

TEST_CASE("a text that ends anywhere is no text with cells") {
    const std::string whole = R"({"a": "\"", "cells": [{"b": [1, "c"]}, {"b": []}]})";
    REQUIRE(some_cells(whole, {0, 1}));
    for (std::size_t size = 0; size + 1 < whole.size(); ++size)
        CHECK_FALSE(some_cells(std::string_view(whole).substr(0, size), {0, 1}));
}
