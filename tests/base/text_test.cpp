// SPDX-License-Identifier: Apache-2.0
#include <base/text.hpp>

#include "catch.hpp"

using namespace mneme::base;

TEST_CASE("a misspelt word finds the nearest name, whatever its case, and a stranger none") {
    const std::vector<std::string> known{"run", "ewc", "ewc_online", "leaderboard"};
    CHECK(nearest("rnu", known) == "run");
    CHECK(nearest("EWC", known) == "ewc");
    CHECK(nearest("ecw", known) == "ewc");
    CHECK(nearest("leaderbord", known) == "leaderboard");
    CHECK(nearest("xyz", known).empty());
    CHECK(nearest("", known).empty());
}

TEST_CASE("what a stranger wrote stays on its line and rings no bell") {
    CHECK(one_line("a\nb") == "a\\nb");
    CHECK(one_line("\x1b[31mred\x07\x7f") == "?[31mred??");
    CHECK(one_line("\xC2\x9b"
                   "31m") == "?31m"); // C1: an escape in one character
    CHECK(one_line("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") ==
          "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
    CHECK(one_line("\xFF\xC3") == "\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(one_line("\xC0\xAF") == "\xEF\xBF\xBD\xEF\xBF\xBD"); // overlong
    const std::string unknown = "\xEF\xBF\xBD"; // for each byte of a longer overlong sequence
    CHECK(one_line("\xE0\x80\xAF") == unknown + unknown + unknown);
    CHECK(one_line("\xF0\x80\x80\xAF") == unknown + unknown + unknown + unknown);
    CHECK(one_line("\xED\xA0\x80").find('\xED') == std::string::npos); // a surrogate
    CHECK(has_control_characters("a\tb"));
    CHECK(has_control_characters("a\xC2\x85"));
    CHECK_FALSE(has_control_characters("caf\xC3\xA9"));
}

TEST_CASE("a long word is cut at the border of a letter") {
    CHECK(in_quotes("short") == "\"short\"");
    CHECK(in_quotes(std::string(79, 'a') + "\xC3\xA9") == '"' + std::string(79, 'a') + "...\"");
    CHECK(in_quotes(std::string(80, 'a')) == '"' + std::string(80, 'a') + '"');
}

TEST_CASE("lists and numbers") {
    CHECK(joined({"a", "b", "c"}) == "a, b, c");
    CHECK(joined({"a", "b"}, " or ") == "a or b");
    CHECK(joined({}).empty());
    CHECK(number(0.1) == "0.1");
    CHECK(number(1e300) == "1e+300");
    CHECK(number(5) == "5");
}
