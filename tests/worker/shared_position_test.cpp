// SPDX-License-Identifier: Apache-2.0
// The position that a worker shares with its parent.
#include "catch.hpp"

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include "protocol/shared_position.hpp"

using mneme::protocol::SharedPosition;

TEST_CASE("a parent reads the last step of a worker that was killed") {
    SharedPosition in_worker; // a child inherits the memory and its descriptor
    REQUIRE(in_worker.descriptor() >= 0);
    const pid_t child = ::fork();
    if (child == 0) {
        for (int64_t step = 0; step <= 1234567; ++step) in_worker.write({2, 1, step});
        for (;;) ::pause();
    }
    auto seen = SharedPosition::of_worker(child, in_worker.descriptor());
    REQUIRE(seen.has_value());
    while (seen->read().step < 1234567) ::usleep(1000);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK(seen->read().task == 2);
    CHECK(seen->read().phase == 1);
    CHECK(seen->read().step == 1234567);
}

TEST_CASE("what is not such memory is not read") {
    CHECK_FALSE(SharedPosition::of_worker(::getpid(), 12345).has_value()); // not open
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    CHECK_FALSE(SharedPosition::of_worker(::getpid(), ends[0]).has_value());
    ::close(ends[0]), ::close(ends[1]);
}
