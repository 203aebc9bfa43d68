// SPDX-License-Identifier: Apache-2.0
#include <base/read_at.hpp>

#include "catch.hpp"

#include <string>

#include <fcntl.h>

#include <base/descriptor.hpp>

using namespace mneme::base;

TEST_CASE("a part of a file is read from its place, up to the file's end") {
    char name[] = "/tmp/mneme-read-at-XXXXXX";
    const Descriptor file(::mkstemp(name));
    REQUIRE(file.open());
    ::unlink(name);
    REQUIRE(::write(file.number(), "abcdef", 6) == 6);
    std::string text(4, '.');
    CHECK(read_at(file.number(), text.data(), 3, 1) == 3);
    CHECK(text == "bcd.");
    CHECK(read_at(file.number(), text.data(), 4, 4) == 2);
    CHECK(text == "efd.");
    CHECK(read_at(file.number(), text.data(), 4, 6) == 0);
    CHECK(read_at(file.number(), text.data(), 0, 0) == 0);
    errno = 0;
    CHECK(read_at(-1, text.data(), 1, 0) == -1);
    CHECK(errno == EBADF);
}
