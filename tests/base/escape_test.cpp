// SPDX-License-Identifier: Apache-2.0
// Names that could harm a format.
#include <base/escape.hpp>

#include "catch.hpp"

using namespace mneme::base;

TEST_CASE("markup: what opens a tag, an entity or ends a quote is written by its entity") {
    CHECK(markup_text("<b a=\"1\" c='2'>&amp;") ==
          "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
}

TEST_CASE("script data: nothing ends the string, the script or opens a comment") {
    CHECK(script_text("</script><!--\"\\&'") ==
          "\\u003c/script\\u003e\\u003c!--\\\"\\\\\\u0026\\u0027");
    CHECK(script_text("a\u2028b\u2029c") == "a b c");
}

TEST_CASE("line feeds stay in markup, in a string by their escape") {
    CHECK(markup_text("a\nb\n") == "a\nb\n");
    CHECK(script_text("a\nb\n") == "a\\nb\\n");
}

TEST_CASE("LaTeX's own characters are escaped") {
    CHECK(latex_text("50 % & #1 $x^2$ {~} \\ _") ==
          "50 \\% \\& \\#1 \\$x\\textasciicircum{}2\\$ \\{\\textasciitilde{}\\} "
          "\\textbackslash{} \\_");
    CHECK(latex_text("<a|b> \"c\" `d`") ==
          "\\textless{}a\\textbar{}b\\textgreater{} \\textquotedbl{}c\\textquotedbl{} "
          "\\textasciigrave{}d\\textasciigrave{}");
    CHECK(latex_text("\\input{/etc/passwd}") == "\\textbackslash{}input\\{/etc/passwd\\}");
    CHECK(latex_text("---wide -1") == "-{}-{}-wide -1");
}

TEST_CASE("LaTeX: letters of T1 pass, Greek is a formula, others stand by their number") {
    CHECK(latex_text("Größe Łódź – 3 €") == "Größe Łódź – 3 €");
    CHECK(latex_text("λ = 1 ± 0.5") == "$\\lambda$ = 1 $\\pm$ 0.5");
    CHECK(latex_text("日本 Ħ 😀") == "[U+65E5][U+672C] [U+0126] [U+1F600]");
}

TEST_CASE("Markdown's own characters are escaped, an underscore within a word is not") {
    CHECK(markdown_text("a|b\\c<script>&*x*`y`[z]~") ==
          "a\\|b\\\\c&lt;script>&amp;\\*x\\*\\`y\\`\\[z]\\~");
    CHECK(markdown_text("lr_0_1 _x_") == "lr_0_1 \\_x\\_");
}

TEST_CASE("CSV: quotes are doubled, formulas are disarmed, numbers are not") {
    CHECK(csv_text("plain") == "plain");
    CHECK(csv_text("a,\"b\"") == "\"a,\"\"b\"\"\"");
    CHECK(csv_text("=HYPERLINK(1)") == "\"'=HYPERLINK(1)\"");
    CHECK(csv_text("@x") == "\"'@x\"");
    CHECK(csv_text("+cmd") == "\"'+cmd\"");
    CHECK(csv_text("-0.5") == "-0.5");
    CHECK(csv_text("+.5") == "+.5");
}

TEST_CASE("a CSV field holds every byte") {
    CHECK(csv_field("=a\nb\x1b") == "\"=a\nb\x1b\"");
    CHECK(csv_field("plain") == "plain");
    CHECK(csv_field("\"") == "\"\"\"\"");
}

TEST_CASE("control characters, bytes that are not UTF-8 and turned writing are replaced") {
    for (const auto escape : {markup_text, script_text}) {
        CHECK(escape(std::string_view("a\0b\x1b[31m\tc\x7f", 11)) == "a?b?[31m c?");
        CHECK(escape("\xff\xc0\xaf") == "\uFFFD\uFFFD\uFFFD");
    }
    const std::string evil = "a\tb\x1b[31m\x07\nc\u202E";
    for (const auto escape : {markup_text, script_text, latex_text, markdown_text, csv_text}) {
        for (char c : escape(evil)) CHECK((static_cast<unsigned char>(c) >= 0x20 || c == '\n'));
        CHECK(escape("file\u202Etxt.exe") == "file?txt.exe");
    }
}

TEST_CASE("letters of any language pass as they are where Unicode is the rule") {
    const std::string text = "Drehung 72° – 日本語 😀";
    for (const auto escape : {markup_text, script_text, markdown_text, csv_text})
        CHECK(escape(text) == text);
}
