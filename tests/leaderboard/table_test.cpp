// SPDX-License-Identifier: Apache-2.0
// Tables in their formats, word for word.
#include "leaderboard/table.hpp"

#include "catch.hpp"

using namespace mneme::leaderboard;

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

TEST_CASE("a LaTeX table is one of booktabs") {
    CHECK(render(example, Format::latex) ==
          "% needs \\usepackage{booktabs}\n\\begin{tabular}{lr}\n\\toprule\nmethod & score \\\\\n"
          "\\midrule\na\\_b & 0.5 $\\pm$ 0.1 \\\\\nsay \\textquotedbl{}x, y\\textquotedbl{} & 1 "
          "\\\\\n\\bottomrule\n\\end{tabular}\n");
}

TEST_CASE("CSV quotes what holds a comma or a quote") {
    CHECK(render(example, Format::csv) == "method,score\na_b,0.5 ± 0.1\n\"say \"\"x, y\"\"\",1\n");
}

TEST_CASE("a paragraph is broken at spaces") {
    CHECK(wrapped("one two three", 7) == "one two\nthree\n");
    CHECK(wrapped("ä ö ü", 3) == "ä ö\nü\n");
    CHECK(wrapped("", 10).empty());
    CHECK(wrapped("toolongforit x", 5) == "toolongforit\nx\n");
}

TEST_CASE("formats by name") {
    for (const std::string& name : format_names())
        CHECK(format_names()[std::size_t(format_named(name))] == name);
}
