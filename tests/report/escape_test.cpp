// SPDX-License-Identifier: Apache-2.0
#include <report/escape.hpp>

#include <catch.hpp>

#include <string>

using mneme::report::escaped;
using mneme::report::Place;

TEST_CASE("markup: what opens a tag, an entity or ends a quote is written by its entity") {
    CHECK(escaped("<b a=\"1\" c='2'>&amp;", Place::markup) ==
          "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
}

TEST_CASE("script data: nothing ends the string, the script or opens a comment") {
    CHECK(escaped("</script><!--\"\\&'", Place::script) ==
          "\\u003c/script\\u003e\\u003c!--\\\"\\\\\\u0026\\u0027");
    CHECK(escaped("a\u2028b\u2029c", Place::script) == "a b c");
}

TEST_CASE("line feeds stay, in a string by their escape") {
    CHECK(escaped("a\nb\n", Place::markup) == "a\nb\n");
    CHECK(escaped("a\nb\n", Place::script) == "a\\nb\\n");
}

TEST_CASE("control characters, bytes that are not UTF-8 and turned writing are replaced") {
    CHECK(escaped(std::string("a\0b\x1b[31m\tc\x7f", 11), Place::markup) == "a?b?[31m c?");
    CHECK(escaped("\xff\xc0\xaf", Place::markup) == "\uFFFD\uFFFD\uFFFD");
    CHECK(escaped("file\u202Etxt.exe", Place::markup) == "file?txt.exe");
}

TEST_CASE("letters of any language pass as they are") {
    CHECK(escaped("Drehung 72° – 日本語 😀", Place::markup) == "Drehung 72° – 日本語 😀");
}
