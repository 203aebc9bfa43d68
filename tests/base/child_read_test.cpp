// SPDX-License-Identifier: Apache-2.0
#include <base/child_read.hpp>

#include <csignal>
#include <memory>
#include <stdexcept>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../folder.hpp"
#include "catch.hpp"

using mneme::base::ChildRead;
using mneme::base::ChildReader;
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
    CHECK(limit_for(10) == "6 7"); // and the second that it is in; the hard limit is one more
    CHECK(limit_for(3'000'000) == "9 10");
}

TEST_CASE(
    "a child that reads many files keeps its hard limit, or the next could not have its time") {
    rlimit own{};
    getrlimit(RLIMIT_CPU, &own);
    ChildReader reader([](const std::filesystem::path&) {
        rlimit limit{};
        getrlimit(RLIMIT_CPU, &limit);
        return ChildReader::Answer{std::to_string(limit.rlim_max), true};
    });
    for (const char* file : {"a", "b"}) CHECK(reader.read(file) == std::to_string(own.rlim_max));
    CHECK(reader.started() == 1);
}

namespace {

ChildReader::Answer answer(const std::filesystem::path& file) {
    if (file == "dies") raise(SIGSEGV);
    if (file == "throws") throw std::runtime_error("throws: no");
    if (file == "large") throw std::bad_alloc();
    return {file.string() + " read by " + std::to_string(getpid()), file != "unsound"};
}

std::string failure(ChildReader& reader, const std::string& file) {
    try {
        reader.read(file);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("one child reads any number of sound files") {
    ChildReader reader(answer);
    CHECK(reader.started() == 0);
    const std::string first = reader.read("a");
    for (int i = 0; i < 100; ++i) CHECK(reader.read("a") == first);
    CHECK(reader.started() == 1);
}

TEST_CASE("after a file that may have damaged it a child reads no other") {
    ChildReader reader(answer);
    const std::string first = reader.read("unsound");
    CHECK(reader.read("unsound") != first);
    CHECK(reader.started() == 2);
    CHECK(failure(reader, "throws") == "throws: no");
    CHECK(reader.started() == 3);
    CHECK(failure(reader, "large") ==
          "large: cannot be read (std::bad_alloc); the file is damaged, take another copy or write "
          "it again");
    CHECK(reader.started() == 4);
}

TEST_CASE("a file on which a child dies after others is named, and the next is read") {
    ChildReader reader(answer);
    reader.read("a");
    CHECK(failure(reader, "dies") ==
          "dies: HDF5 crashed or hung on it: the file is damaged; take another copy or run again");
    CHECK(reader.read("a").starts_with("a read by "));
    CHECK(reader.started() == 2);
}

TEST_CASE("a child that was ended while it waited is replaced") {
    ChildReader reader(answer);
    const std::string said = reader.read("a");
    const pid_t child = std::stoi(said.substr(said.rfind(' ')));
    REQUIRE(kill(child, SIGKILL) == 0);
    siginfo_t ended{};
    REQUIRE(waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0);
    CHECK(reader.read("a") != said);
    CHECK(reader.started() == 2);
}

TEST_CASE("of two readers the one that began first can end first") {
    auto first = std::make_unique<ChildReader>(answer);
    first->read("a");
    ChildReader second(answer);
    second.read("a");
    first.reset(); // the second child holds copies of what the first one listens to
    CHECK(second.read("a").starts_with("a read by "));
}
