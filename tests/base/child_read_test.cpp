// SPDX-License-Identifier: Apache-2.0
#include <base/child_read.hpp>

#include <csignal>
#include <stdexcept>

#include <sys/resource.h>

#include "../folder.hpp"
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

TEST_CASE("a child may use five processor seconds, and one more for each megabyte of its file") {
    const mneme::test::Folder folder;
    const auto limit_for = [&](std::size_t bytes) {
        const auto file = folder.write("a.h5", std::string(bytes, 'x'));
        return read_in_child(file, [] {
            rlimit limit{};
            getrlimit(RLIMIT_CPU, &limit);
            return std::to_string(limit.rlim_cur) + " " + std::to_string(limit.rlim_max);
        });
    };
    CHECK(limit_for(10) == "5 6"); // the second, hard limit is for who ignores SIGXCPU
    CHECK(limit_for(3'000'000) == "8 9");
}
