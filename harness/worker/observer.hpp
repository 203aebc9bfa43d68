// SPDX-License-Identifier: Apache-2.0
// Watches a run from outside, between the calls of the plugin: for the method examiner and tests.
#pragma once

#include <cstdint>

#include "host/learner.hpp"
#include "worker/checkpoint.hpp"

namespace mneme::harness {

// It may query the learner, and must leave it as it is.
class RunObserver {
  public:
    virtual ~RunObserver() = default;
    virtual void before_step(host::Learner&, Position, const mneme_batch&) {}
    virtual void after_step(host::Learner&, Position) {}
    virtual void after_task(host::Learner&, int64_t /*task*/) {}
};

} // namespace mneme::harness
