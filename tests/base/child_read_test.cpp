// SPDX-License-Identifier: Apache-2.0
#include <base/child_read.hpp>

#include <csignal>
#include <stdexcept>

#include "catch.hpp"

using mneme::base::ChildRead;
using mneme::base::read_in_child;

namespace {

std::string failure(const std::function<std::string()>& work) {
    try {
        read_in_child("a.h5", work);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("a child's pieces arrive in order, of any size") {
    const std::string large(3'000'000, 'x');
    ChildRead child("a.h5", [&](const ChildRead::Put& put) {
        const int number = 42;
        put(&number, sizeof number);
        put(large.data(), large.size());
        put(nullptr, 0);
    });
    int number = 0;
    child.take(&number, sizeof number);
    CHECK(number == 42);
    CHECK(child.take_text() == large);
    CHECK(child.take_text().empty());
}

TEST_CASE("what a child throws is thrown here with its message") {
    CHECK(failure([]() -> std::string { throw std::runtime_error("a.h5: no"); }) == "a.h5: no");
    CHECK(failure([]() -> std::string { throw std::bad_alloc(); }) ==
          "a.h5: cannot be read (std::bad_alloc); the file is damaged, take another copy or write "
          "it again");
}

TEST_CASE("a child that dies is a sentence, not a crash") {
    const std::string died =
        "a.h5: HDF5 crashed or hung on it: the file is damaged; take another copy or run again";
    CHECK(failure([]() -> std::string {
              raise(SIGSEGV);
              return "";
          }) == died);
    CHECK(failure([]() -> std::string { _exit(0); }) == died);
}

TEST_CASE("a piece of another size than the one expected is not taken") {
    ChildRead child("a.h5", [](const ChildRead::Put& put) { put("abc", 3); });
    char two[2];
    CHECK_THROWS_AS(child.take(two, 2), std::runtime_error);
}

TEST_CASE("a child that still writes ends with its reader") {
    const std::string large(3'000'000, 'x');
    {
        ChildRead child("a.h5",
                        [&](const ChildRead::Put& put) { put(large.data(), large.size()); });
    }
    SUCCEED("the destructor returned");
}
