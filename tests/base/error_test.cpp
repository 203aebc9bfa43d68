// SPDX-License-Identifier: Apache-2.0
#include <base/error.hpp>

#include "catch.hpp"

using namespace mneme::base;

TEST_CASE("a known exit code is kept and every other number is a fault of ours") {
    for (const int known : {0, 1, 64, 65, 69, 70, 75, 130})
        CHECK(static_cast<int>(exit_code_from(known)) == known);
    for (const int unknown : {-1, 2, 66, 77, 127, 255})
        CHECK(exit_code_from(unknown) == ExitCode::internal);
}

TEST_CASE("an exit error carries its message and its code") {
    const ExitError error(ExitCode::bad_input, "a.toml: no; do");
    CHECK(std::string(error.what()) == "a.toml: no; do");
    CHECK(error.code() == ExitCode::bad_input);
}
