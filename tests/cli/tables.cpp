// SPDX-License-Identifier: Apache-2.0
// Tables in their formats, word for word.
#include <base/error.hpp>
#include "catch.hpp"
#include "cli/ending.hpp"
#include "cli/failure.hpp"
#include "cli/progress.hpp"
#include "cli/shell.hpp"
#include "cli/table.hpp"

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
    CHECK(render({{{"x"}}, {{"two\nlines"}}}, Format::csv) == "x\n\"two\nlines\"\n");
}

TEST_CASE("a place is told as far as it is known") {
    Breadcrumb at;
    CHECK(at.text() == "before the first message");
    at.take({{"stage", "load"}, {"task", 0}, {"tasks", 5}});
    CHECK(at.text() == "stage load");
    CHECK(at.share() == 0);
    CHECK(at.take({{"stage", "train"},
                   {"task", 3},
                   {"tasks", 5},
                   {"phase", "mask"},
                   {"step", 120},
                   {"steps", 200},
                   {"accuracy", 0.5}}));
    CHECK(at.text() == "task 3, phase mask, step 120");
    CHECK(at.share() == Approx((2 + 0.6) / 5));
    CHECK_FALSE(at.take({{"stage", "train"},
                         {"task", 3},
                         {"tasks", 5},
                         {"phase", "mask"},
                         {"step", 120},
                         {"steps", 200},
                         {"accuracy", 0.6}}));
    CHECK(at.accuracy == 0.6);
    at.take({{"stage", "evaluate"}, {"task", 3}, {"tasks", 5}, {"accuracy", nullptr}});
    CHECK(at.text() == "task 3, stage evaluate");
    CHECK(at.accuracy == 0.6);
}

TEST_CASE("fields of a wrong type or sign count as absent") {
    Breadcrumb at;
    at.take({{"stage", 5}, {"task", "three"}, {"tasks", -2}, {"step", 1.5}, {"accuracy", "high"}});
    CHECK(at.text() == "before the first message");
    CHECK(at.tasks == 0);
    CHECK_FALSE(at.accuracy.has_value());
}

TEST_CASE("durations") {
    CHECK(duration(0.2) == "0 s");
    CHECK(duration(59.4) == "59 s");
    CHECK(duration(200) == "3:20");
    CHECK(duration(3900) == "1:05:00");
}

TEST_CASE("a command line is recorded so that a shell reads it back") {
    const char* words[] = {"mneme", "run", "my suite.toml", "--set", "method.a.x='1'", ""};
    CHECK(command_line(6, const_cast<char**>(words)) ==
          "mneme run 'my suite.toml' --set 'method.a.x='\\''1'\\''' ''");
}

TEST_CASE("what may go away by itself is 75, what will not is 65") {
    CHECK(mneme::base::exit_code_for(ENOSPC) == mneme::base::ExitCode::temporary);
    CHECK(mneme::base::exit_code_for(EDQUOT) == mneme::base::ExitCode::temporary);
    CHECK(mneme::base::exit_code_for(EACCES) == mneme::base::ExitCode::bad_input);
    CHECK(mneme::base::exit_code_for(EROFS) == mneme::base::ExitCode::bad_input);
    CHECK(mneme::base::exit_code_for(ENOENT) == mneme::base::ExitCode::bad_input);
}
