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
    CHECK(
        render(example, Format::latex) ==
        "% needs \\usepackage{booktabs} and \\usepackage{graphicx}\n" + std::string(fit_begin) +
            "\\begin{tabular}{lr}\n\\toprule\nmethod & score \\\\\n"
            "\\midrule\na\\_b & 0.5 $\\pm$ 0.1 \\\\\nsay \\textquotedbl{}x, y\\textquotedbl{} & 1 "
            "\\\\\n\\bottomrule\n\\end{tabular}}\n");
    CHECK(latex_cell("-0.5 ± 1") == "$-$0.5 $\\pm$ 1");
    CHECK(latex_cell("-name") == "-name");
    CHECK(latex_cell("-") == "--");
}

TEST_CASE("CSV quotes what holds a comma or a quote") {
    CHECK(render(example, Format::csv) == "method,score\na_b,0.5 ± 0.1\n\"say \"\"x, y\"\"\",1\n");
}

TEST_CASE("a paragraph is broken at spaces") {
    CHECK(wrapped("one two three", 7) == "one two\nthree\n");
    CHECK(wrapped("ä ö ü", 3) == "ä ö\nü\n");
    CHECK(wrapped("", 10).empty());
    CHECK(wrapped("a toolongförit x", 5) == "a\ntoolo\nngför\nit x\n"); // a long word within itself
}

TEST_CASE("a name that is too long keeps its beginning and its end") {
    CHECK(shortened("abcdefghij", 10) == "abcdefghij");
    CHECK(shortened("abcdefghijk", 10) == "abcd...ijk");
    CHECK(shortened("äbcdefghijö", 10) == "äbcd...ijö");
}

TEST_CASE("names and then titles are shortened until a table fits; numbers are whole") {
    const Table table{{{"method"}, {"a very long title", true}, {"n", true}},
                      {{std::string(60, 'm'), "0.7166 ± 0.02", "3"}, {"er", "0.5", "1"}}};
    const Table half = fitted(table, 40);
    CHECK(table_width(half) <= 40);
    CHECK(half.rows[0][0] == "mmmmmmmm...mmmmmmm");
    CHECK(half.columns[1].title == "a very long title");
    const Table narrow = fitted(table, 26);
    CHECK(table_width(narrow) <= 26);
    CHECK(narrow.rows[0][0] == "mmm...mm");
    CHECK(narrow.columns[1].title == "a ver...title");
    CHECK(narrow.rows[0][1] == "0.7166 ± 0.02");
    CHECK(fitted(table, 4).rows[0][1] == "0.7166 ± 0.02"); // as narrow as it can be
}

TEST_CASE("formats by name") {
    for (const std::string& name : format_names())
        CHECK(format_names()[std::size_t(format_named(name))] == name);
}
