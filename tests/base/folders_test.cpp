// SPDX-License-Identifier: Apache-2.0
#include <base/folders.hpp>
#include <base/system.hpp>

#include <cstdlib>

#include "catch.hpp"

using namespace mneme::base;

TEST_CASE("the cache folder follows XDG_CACHE_HOME, and a relative one is ignored") {
    setenv("HOME", "/home/u", 1);
    setenv("XDG_CACHE_HOME", "/c", 1);
    CHECK(cache_folder() == "/c/mneme");
    setenv("XDG_CACHE_HOME", "c", 1);
    CHECK(cache_folder() == "/home/u/.cache/mneme");
    unsetenv("XDG_CACHE_HOME");
    CHECK(cache_home() == "/home/u/.cache");
    unsetenv("XDG_DATA_HOME");
    CHECK(data_home() == "/home/u/.local/share");
}

TEST_CASE("the program's folder holds this program") {
    CHECK(std::filesystem::exists(program_folder() / "mneme_test_base"));
}

TEST_CASE("the time is in UTC and sorts as text") {
    const std::string now = utc_now();
    REQUIRE(now.size() == 20);
    CHECK(now[10] == 'T');
    CHECK(now.back() == 'Z');
    CHECK(now > "2026-01-01T00:00:00Z");
    CHECK_FALSE(host_name().empty());
    CHECK(environment("MNEME_NOT_SET_ANYWHERE").empty());
}
