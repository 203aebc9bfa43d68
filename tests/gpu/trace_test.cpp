// SPDX-License-Identifier: Apache-2.0
#include "trace.hpp"

#include "catch.hpp"

namespace mneme::trace {
namespace {

Call call(std::uint64_t start, std::uint64_t end, std::uint32_t id, Role role,
          bool runtime = true) {
    return {start, end, id, 7, 0, role, runtime, false};
}

Work kernel(std::uint64_t start, std::uint64_t end, std::uint32_t call, std::uint32_t graph = 0) {
    Work work;
    work.start = start, work.end = end, work.call = call, work.graph = graph;
    return work;
}

TEST_CASE("Functions of every version are known by what they do") {
    CHECK(role_of("cudaGraphLaunch_ptsz_v10000") == Role::graph);
    CHECK(role_of("cuGraphLaunch") == Role::graph);
    CHECK(role_of("cudaLaunchKernelExC_v11060") == Role::work);
    CHECK(role_of("cudaMemcpyAsync_v3020") == Role::work);
    CHECK(role_of("cuMemcpyHtoDAsync_v2_ptsz") == Role::work);
    CHECK(role_of("cudaMemcpy_v3020") == Role::wait);
    CHECK(role_of("cuMemcpyDtoH_v2") == Role::wait);
    CHECK(role_of("cuCtxSynchronize_v2") == Role::wait);
    CHECK(role_of("cudaFree_v3020") == Role::wait);
    CHECK(role_of("cudaEventQuery_v3020") == Role::query);
    CHECK(role_of("cudaMalloc_v3020") == Role::may_wait);
    CHECK_FALSE(role_of("cudaGraphAddMemcpyNode_v10000"));
    CHECK_FALSE(role_of("cudaFreeAsync_v11020"));
    CHECK_FALSE(role_of("cudaStreamWaitEvent_v3020"));
    CHECK_FALSE(role_of(""));
}

TEST_CASE("Time at work is the length of a union") {
    Busy busy;
    busy.add(10, 20);
    busy.add(12, 15); // within
    busy.add(15, 30); // overlaps
    busy.add(30, 31); // adjoins
    busy.add(50, 60); // apart
    CHECK(busy.ns == 31);
    CHECK(busy.span() == 50);
}

TEST_CASE("A call of the runtime and the driver's within it are one") {
    auto calls = without_doubles({call(2, 8, 2, Role::graph, false), call(1, 9, 1, Role::graph),
                                  call(10, 20, 3, Role::work), call(12, 18, 4, Role::wait, false),
                                  call(30, 40, 5, Role::wait, false), call(30, 40, 5, Role::wait)});
    REQUIRE(calls.all.size() == 4);
    CHECK(calls.find(2) == calls.find(1));
    CHECK(calls.find(4)->role == Role::wait);
    CHECK(calls.find(5)->runtime);
    CHECK(calls.find(6) == nullptr);
}

TEST_CASE("A wait that no call explains stands for itself") {
    std::vector<Call> calls = {call(10, 20, 1, Role::wait), call(30, 40, 2, Role::query),
                               call(50, 60, 3, Role::work)};
    const auto out = unexplained(calls, {call(11, 19, 9, Role::wait), call(39, 41, 2, Role::wait),
                                         call(52, 58, 3, Role::wait)});
    REQUIRE(out.size() == 1);
    CHECK(out[0].start == 52);
}

TEST_CASE("Launches and kernels are counted between waits") {
    const std::vector<Call> list = {
        call(5, 6, 1, Role::work),    call(10, 20, 2, Role::wait),  call(21, 22, 3, Role::graph),
        call(23, 24, 4, Role::graph), call(25, 40, 5, Role::wait),  call(41, 42, 6, Role::graph),
        call(43, 50, 7, Role::wait),  call(51, 52, 8, Role::graph), call(53, 55, 9, Role::graph)};
    auto calls = without_doubles(list);
    // The work of a call is counted where it was asked for, though the last of it runs while the
    // host waits.
    const std::vector<Work> works = {kernel(7, 9, 1), kernel(22, 26, 3, 1), kernel(24, 30, 3, 1),
                                     kernel(31, 37, 4, 1), kernel(56, 58, 99)};
    const auto found = stretches(calls, works);
    REQUIRE(found.size() == 4);
    CHECK((found[0].launches == 0 && found[0].kernels == 1 && found[0].kernel_ns == 2));
    CHECK((found[1].launches == 2 && found[1].kernels == 3 && found[1].kernel_ns == 16));
    CHECK((found[1].start == 20 && found[1].wait == 25 && found[1].end == 40));
    CHECK((found[1].busy.ns == 14 && found[1].busy.span() == 15));
    CHECK(found[1].closed == calls.find(5));
    CHECK((found[2].launches == 1 && found[2].kernels == 0));
    CHECK((found[3].launches == 2 && found[3].kernels == 1 && found[3].closed == nullptr &&
           found[3].end == 55));
    const auto played = graphs(works);
    REQUIRE(played.size() == 1);
    CHECK((played.at(1).launches.size() == 2 && played.at(1).kernels == 3 &&
           played.at(1).kernel_ns == 16));
}

TEST_CASE("Waits of two threads that overlap are one") {
    auto other = call(15, 30, 2, Role::wait);
    other.thread = 8;
    auto calls =
        without_doubles({call(10, 20, 1, Role::wait), other, call(31, 32, 3, Role::graph)});
    const auto found = stretches(calls, {});
    REQUIRE(found.size() == 2);
    CHECK((found[0].end == 30 && found[1].start == 30 && found[1].launches == 1));
}

TEST_CASE("Copies to memory that is not pinned wait, those from there may") {
    auto calls = without_doubles({call(1, 2, 1, Role::work), call(3, 4, 2, Role::work),
                                  call(5, 6, 3, Role::graph), call(7, 8, 4, Role::work)});
    const auto copy = [](std::uint32_t of, std::uint8_t from, std::uint8_t to) {
        Work work = kernel(10, 11, of);
        work.kind = Kind::copy_async, work.from = from, work.to = to;
        return work;
    };
    constexpr std::uint8_t pinned = 2, device = 3;
    const std::vector<Work> works = {copy(1, device, pageable), copy(2, pageable, device),
                                     copy(3, device, pageable), copy(4, device, pinned)};
    mark_pageable(calls, works);
    CHECK(calls.find(1)->role == Role::wait);
    CHECK(calls.find(2)->role == Role::may_wait);
    CHECK(calls.find(3)->role == Role::graph);
    CHECK((calls.find(4)->role == Role::work && !calls.find(4)->pageable));
}

} // namespace
} // namespace mneme::trace
