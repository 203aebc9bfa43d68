// SPDX-License-Identifier: Apache-2.0
#include "submit/templates.hpp"

#include <stdexcept>

#include "catch.hpp"

using namespace mneme::submit;

TEST_CASE("values take the places of their names, and braces in a value stay") {
    CHECK(fill("a {{x}}{{y}} ${z}", {{"x", "1"}, {"y", "{{x}}"}}) == "a 1{{x}} ${z}");
    CHECK(fill("", {}).empty());
    CHECK_THROWS_AS(fill("{{x}}", {}), std::logic_error);
}
