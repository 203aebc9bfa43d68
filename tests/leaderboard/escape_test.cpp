// SPDX-License-Identifier: Apache-2.0
// Names that could harm a format.
#include "leaderboard/escape.hpp"

#include "catch.hpp"

using namespace mneme::leaderboard;

TEST_CASE("LaTeX's own characters are escaped") {
    CHECK(latex_text("50 % & #1 $x^2$ {~} \\ _") ==
          "50 \\% \\& \\#1 \\$x\\textasciicircum{}2\\$ \\{\\textasciitilde{}\\} "
          "\\textbackslash{} \\_");
    CHECK(latex_text("<a|b> \"c\" `d`") ==
          "\\textless{}a\\textbar{}b\\textgreater{} \\textquotedbl{}c\\textquotedbl{} "
          "\\textasciigrave{}d\\textasciigrave{}");
    CHECK(latex_text("\\input{/etc/passwd}") == "\\textbackslash{}input\\{/etc/passwd\\}");
}

TEST_CASE("Markdown's own characters are escaped, an underscore within a word is not") {
    CHECK(markdown_text("a|b\\c<script>&*x*`y`[z]") ==
          "a\\|b\\\\c&lt;script>&amp;\\*x\\*\\`y\\`\\[z]");
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

TEST_CASE("control characters reach no format") {
    const std::string evil = "a\tb\x1b[31m\x07\nc";
    for (const auto escape : {latex_text, markdown_text, csv_text})
        for (char c : escape(evil)) CHECK(static_cast<unsigned char>(c) >= 0x20);
}
