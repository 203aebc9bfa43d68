// SPDX-License-Identifier: Apache-2.0
#include "scheduler/gpu_pool.hpp"

#include <cstdlib>

#include "catch.hpp"

using namespace mneme::scheduler;

namespace {

struct Fixture {
    GpuPool pool() {
        return GpuPool([this] { return gpus; });
    }
    static std::string given(GpuPool& pool, int workers) {
        std::string names;
        for (int i = 0; i < workers; ++i) names += pool.name(pool.take());
        return names;
    }

    std::vector<Gpu> gpus{{"a", 8000}, {"b", 4000}, {"c", 4000}};
};

} // namespace

TEST_CASE_METHOD(Fixture, "a worker is given the GPU with the most free memory for it") {
    GpuPool all = pool();
    CHECK(given(all, 8) == "aabcaabc"); // 8000, 4000, 4000, 4000, 2667, ...: of equals the first
    all.give_back(1);
    CHECK(given(all, 1) == "b");
}

TEST_CASE_METHOD(Fixture, "memory that others take while none of ours is there counts") {
    GpuPool all = pool();
    gpus[0].free = 1000;
    CHECK(given(all, 2) == "bc");
    gpus = {{"a", 1000}, {"b", 100}, {"c", 100}}; // what ours have taken by now
    CHECK(given(all, 2) == "bc");
    for (const std::size_t gpu : {1, 1, 2, 2}) all.give_back(gpu);
    CHECK(given(all, 1) == "a");
}

TEST_CASE_METHOD(Fixture, "where the memory of one is not known, they are taken to be alike") {
    gpus[1].free.reset();
    GpuPool all = pool();
    CHECK(given(all, 6) == "abcabc");
    GpuPool none;
    CHECK(none.empty());
}

TEST_CASE("without a driver there are no GPUs") {
    unsetenv("MNEME_FAKE_GPUS");
    CHECK(driver_gpus().empty());
}
