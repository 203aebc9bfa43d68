// SPDX-License-Identifier: Apache-2.0
// Notes on the device which replicas have a weight that is not finite. Nothing waits for the device
// until the notes are read.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "host/learner.hpp"

namespace mneme::harness {

class WeightWatch final {
  public:
    WeightWatch(const host::Session&, host::Learner&);
    void reset(); // a phase begins
    void mark_nonfinite(int64_t step);
    std::vector<int64_t> read() const; // the step of each replica's first mark; -1: none

  private:
    host::Learner& learner_;
    at::Tensor first_; // int64 [S]
};

} // namespace mneme::harness
