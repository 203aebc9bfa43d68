// SPDX-License-Identifier: Apache-2.0
// A child that reads in our place: what it says arrives, and whatever becomes of it is one sentence
// here.
#include "../../benchmarks/isolate.hpp"

#include "catch.hpp"
#include "support.hpp"

#include <csignal>
#include <new>
#include <numeric>

using namespace bench_test;

namespace {

std::string fault_with(const std::function<void(const Isolated::Put&)>& work) {
    return fault_of([&] {
        Isolated child("data.h5", work);
        int number = 0;
        child.take(&number, sizeof number);
    });
}

const std::string died =
    "data.h5: HDF5 crashed or hung on it, it is damaged; a whole HDF5 file would be right";

} // namespace

TEST_CASE("what a child puts arrives in the same pieces, more than a pipe holds included") {
    std::vector<int> numbers(1 << 20), seen(1 << 20);
    std::iota(numbers.begin(), numbers.end(), 7);
    Isolated child("data.h5", [&](const Isolated::Put& put) {
        const int first = 42;
        put(&first, sizeof first);
        put(numbers.data(), numbers.size() * sizeof(int));
        put(nullptr, 0);
    });
    int first = 0;
    child.take(&first, sizeof first);
    child.take(seen.data(), seen.size() * sizeof(int));
    child.take(nullptr, 0);
    CHECK(first == 42);
    CHECK(seen == numbers);
}

TEST_CASE("a child that is not asked to its end does not wait for us") {
    const std::vector<char> much(1 << 22);
    const Isolated child("data.h5",
                         [&](const Isolated::Put& put) { put(much.data(), much.size()); });
    CHECK(much.size() == std::size_t{1} << 22); // and the destructor returns
}

TEST_CASE("a child that dies, throws, leaves early or says something else is one sentence here") {
    for (int number : {SIGSEGV, SIGABRT, SIGKILL, SIGFPE, SIGXCPU})
        CHECK(fault_with([&](const auto&) { raise(number); }) == died);
    CHECK(fault_with([](const auto&) {}) == died);
    CHECK(fault_with([](const auto& put) { put("x", 1); }) == died);
    CHECK(fault_with([](const auto&) {
              throw std::runtime_error("data.h5: is wrong; right would be right");
          }) == "data.h5: is wrong; right would be right");
    CHECK(fault_with([](const auto&) { throw std::bad_alloc(); }) ==
          "data.h5: cannot be read (std::bad_alloc); a whole file, and memory for what it holds, "
          "would be right");
    CHECK(fault_with([](const auto& put) {
              put("1234", 4);
              throw std::runtime_error("too late");
          }).empty());
}
