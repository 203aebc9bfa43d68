// SPDX-License-Identifier: Apache-2.0
#include <report/markup.hpp>

#include <catch.hpp>

#include <limits>

using namespace mneme::report;

TEST_CASE("elements nest, and text and attributes are escaped") {
    Markup inner;
    inner.element("b", "x < y", {{"title", "\"q\""}});
    Markup out;
    out.open("p", {{"class", "a"}}).text("1 & 2 ").add(inner).empty("br").close();
    CHECK(out.str() == "<p class=\"a\">1 &amp; 2 <b title=\"&quot;q&quot;\">x &lt; y</b><br/></p>");
}

TEST_CASE("a coordinate has two decimals at most") {
    CHECK(coordinate(3) == "3");
    CHECK(coordinate(3.456) == "3.46");
    CHECK(coordinate(-0.001) == "0");
    CHECK(coordinate(10) == "10");
}

TEST_CASE("JSON: commas where they belong, null for what is no number") {
    Json json;
    json.begin('{').key("a").begin('[').value(1).value(std::numeric_limits<double>::quiet_NaN());
    json.value("</script>").begin('[').end().end().key("b").value(0.5).end();
    CHECK(json.str() == "{\"a\":[1,null,\"\\u003c/script\\u003e\",[]],\"b\":0.5}");
}
