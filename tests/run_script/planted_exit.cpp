// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "catch.hpp"

TEST_CASE("leaves by the window, and says that all is well") {
    CHECK(true);
    _exit(0);
}
