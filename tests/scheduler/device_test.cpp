// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "catch.hpp"
#include "scheduler/device.hpp"

using namespace mneme;
using scheduler::choose_device;

TEST_CASE("auto takes a GPU that a worker can use, and the CPU otherwise") {
    const protocol::Gpu usable{.usable = true}, unusable{.usable = false};
    CHECK(choose_device("auto", &usable) == "cuda");
    CHECK(choose_device("auto", &unusable) == "cpu");
    CHECK(choose_device("auto", nullptr) == "cpu");
    CHECK(choose_device("cuda", &usable) == "cuda");
    CHECK(choose_device("cpu", nullptr) == "cpu");
}

TEST_CASE("cuda without a GPU is refused with the reason") {
    const protocol::Gpu unusable{.usable = false, .message = "no driver"};
    CHECK_THROWS_WITH(choose_device("cuda", &unusable),
                      "--device cuda: no usable GPU (no driver); use --device cpu");
    CHECK_THROWS_WITH(choose_device("cuda", nullptr),
                      "--device cuda: no usable GPU; use --device cpu");
}

TEST_CASE("the GPUs that workers are spread over are those that may be seen") {
    setenv("CUDA_VISIBLE_DEVICES", "5,GPU-7a", 1);
    const auto gpus = scheduler::visible_gpus();
    REQUIRE(gpus.size() == 2);
    CHECK(gpus[0].name == "5");
    CHECK(gpus[1].name == "GPU-7a");
    CHECK_FALSE(gpus[1].free.has_value());
    setenv("CUDA_VISIBLE_DEVICES", "", 1);
    CHECK(scheduler::visible_gpus().empty());
    unsetenv("CUDA_VISIBLE_DEVICES");
}
