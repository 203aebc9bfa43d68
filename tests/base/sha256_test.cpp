// SPDX-License-Identifier: Apache-2.0
#include <base/sha256.hpp>

#include <stdexcept>

#include "catch.hpp"
#include "folder.hpp"

using namespace mneme::base;
using mneme::test::Folder;

namespace {

// FIPS 180-4's example.
const std::string of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

} // namespace

TEST_CASE("SHA-256 and MD5 of known texts") {
    CHECK(sha256_of("abc") == of_abc);
    CHECK(sha256_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    Folder folder;
    folder.write("abc", "abc");
    CHECK(file_sha256(folder / "abc") == of_abc);
    CHECK(file_md5(folder / "abc") == "900150983cd24fb0d6963f7d28e17f72");
    CHECK_THROWS_AS(file_sha256(folder / "none"), std::runtime_error);
}

TEST_CASE("pieces give the digest of the whole, and a copy continues on its own") {
    Sha256 first;
    first.add("a");
    Sha256 second(first);
    first.add("bc");
    CHECK(first.hex() == of_abc);
    second.add("bc");
    CHECK(second.hex() == of_abc);
}

TEST_CASE("what a SHA-256 looks like") {
    CHECK(is_sha256(of_abc));
    CHECK_FALSE(is_sha256(of_abc.substr(1)));
    CHECK_FALSE(is_sha256("g" + of_abc.substr(1)));
    CHECK_FALSE(is_sha256("B" + of_abc.substr(1)));
}
