// SPDX-License-Identifier: Apache-2.0
#include <base/shell_word.hpp>

#include "catch.hpp"

using mneme::base::shell_word;

TEST_CASE("a word is quoted where a shell would not take it as it is") {
    CHECK(shell_word("--lr=0.1") == "--lr=0.1");
    CHECK(shell_word("") == "''");
    CHECK(shell_word("it's $HOME") == "'it'\\''s $HOME'");
    CHECK(shell_word("~/x") == "'~/x'");
}
