// SPDX-License-Identifier: Apache-2.0
// A number that a plugin returns is its own: it is never taken for an exit code of ours.
#include "torch_catch.hpp"

#include <cstdio>

#include "support.hpp"
#include "worker/runner.hpp"

using namespace mneme;

namespace {

int32_t returned = 0;

int32_t failing_observe(void*, const mneme_batch*, const mneme_batch*, mneme_status* status) {
    std::snprintf(status->message, sizeof status->message, "words of the plugin");
    return status->code = returned;
}

} // namespace

TEST_CASE("whatever number a plugin returns from a slot, the run failed, with its message",
          "[run]") {
    mneme_method method = test::method("finetune");
    method.observe = failing_observe;
    const auto cell = test::cell("finetune", test::small_stream(), {1});
    for (const int32_t code : {1, 5, 64, 65, 69, 70, 75, 130, -1, 100000}) {
        returned = code;
        const auto record = test::run(cell, method, harness::ExecutionMode::of(cell, method))[0];
        CHECK(record.outcome.at({0, 0}) == int32_t(results::Outcome::failed));
        CHECK(record.outcome_message.at({0, 0}) ==
              "task 1, phase 1, step 0: finetune, observe: words of the plugin");
    }
}
