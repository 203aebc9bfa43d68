// SPDX-License-Identifier: Apache-2.0
#include "worker/weight_watch.hpp"

#include <ATen/ATen.h>

namespace mneme::harness {

WeightWatch::WeightWatch(const host::Session& session, host::Learner& learner)
    : learner_(learner),
      first_(at::full({session.replicas()}, -1, at::device(session.device()).dtype(at::kLong))) {}

void WeightWatch::reset() { first_.fill_(-1); }

void WeightWatch::mark_nonfinite(int64_t step) {
    const auto nonfinite = at::isfinite(learner_.weights().theta).all(1).logical_not();
    first_ = at::where((first_ < 0).logical_and(nonfinite), at::full_like(first_, step), first_);
}

std::vector<int64_t> WeightWatch::read() const {
    const auto steps = first_.to(at::kCPU);
    return {steps.data_ptr<int64_t>(), steps.data_ptr<int64_t>() + steps.numel()};
}

} // namespace mneme::harness
