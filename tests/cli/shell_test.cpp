// SPDX-License-Identifier: Apache-2.0
#include "cli/shell.hpp"
#include "catch.hpp"

using namespace mneme::cli;

TEST_CASE("a command line is recorded so that a shell reads it back") {
    const char* words[] = {"mneme", "run", "my suite.toml", "--set", "method.a.x='1'", ""};
    CHECK(command_line(6, const_cast<char**>(words)) ==
          "mneme run 'my suite.toml' --set 'method.a.x='\\''1'\\''' ''");
}
