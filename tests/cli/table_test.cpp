// SPDX-License-Identifier: Apache-2.0
// Tables in their formats, word for word.
#include "cli/table.hpp"
#include "catch.hpp"

using namespace mneme::cli;

namespace {

const Table example{{{"method"}, {"score", true}}, {{"a_b", "0.5 ± 0.1"}, {"say \"x, y\"", "1"}}};

} // namespace

TEST_CASE("a text table lines up characters, not bytes") {
    CHECK(render(example, Format::table) ==
          "method          score\n"
          "a_b         0.5 ± 0.1\n"
          "say \"x, y\"          1\n");
}

TEST_CASE("a Markdown table says which columns stand to the right") {
    CHECK(render(example, Format::markdown) ==
          "| method     |     score |\n"
          "| ---------- | --------: |\n"
          "| a_b        | 0.5 ± 0.1 |\n"
          "| say \"x, y\" |         1 |\n");
}

TEST_CASE("LaTeX's own characters are escaped") {
    CHECK(render(example, Format::latex) ==
          "\\begin{tabular}{lr}\n\\hline\nmethod & score \\\\\n\\hline\n"
          "a\\_b & 0.5 $\\pm$ 0.1 \\\\\nsay \"x, y\" & 1 \\\\\n\\hline\n\\end{tabular}\n");
    CHECK(render({{{"50 % & #1 $x^2$ {~} \\"}}, {}}, Format::latex) ==
          "\\begin{tabular}{l}\n\\hline\n50 \\% \\& \\#1 \\$x\\textasciicircum{}2\\$ "
          "\\{\\textasciitilde{}\\} \\textbackslash{} "
          "\\\\\n\\hline\n\\hline\n\\end{tabular}\n");
}

TEST_CASE("CSV quotes what holds a comma, a quote or a line feed") {
    CHECK(render(example, Format::csv) == "method,score\na_b,0.5 ± 0.1\n\"say \"\"x, y\"\"\",1\n");
    CHECK(render({{{"x"}}, {{"a \"b\""}}}, Format::csv) == "x\n\"a \"\"b\"\"\"\n");
}

TEST_CASE("what a stranger wrote neither breaks a table nor reaches the terminal raw") {
    const Table hostile{{{"label"}}, {{"a|b\033[2J\nc"}}};
    CHECK(render(hostile, Format::table) == "label\na|b?[2J\\nc\n");
    CHECK(render(hostile, Format::markdown) ==
          "| label       |\n| ----------- |\n| a\\|b?[2J\\nc |\n");
    CHECK(render(hostile, Format::csv) == "label\na|b?[2J\\nc\n");
}

TEST_CASE("a spreadsheet takes no cell of a CSV table for a formula") {
    const Table table{{{"x"}}, {{"=1+1"}, {"+cmd"}, {"@sum"}, {"-a"}, {"-1.5"}, {"-"}}};
    CHECK(render(table, Format::csv) == "x\n'=1+1\n'+cmd\n'@sum\n'-a\n-1.5\n-\n");
}
