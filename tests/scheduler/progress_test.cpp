// SPDX-License-Identifier: Apache-2.0
#include "scheduler/progress.hpp"
#include "catch.hpp"

using mneme::scheduler::duration;

TEST_CASE("durations") {
    CHECK(duration(0.2) == "0 s");
    CHECK(duration(59.4) == "59 s");
    CHECK(duration(200) == "3:20");
    CHECK(duration(3900) == "1:05:00");
}
