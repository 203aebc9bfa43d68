// SPDX-License-Identifier: Apache-2.0
// Permutations of a network's hidden units that bring it near another, as the SDK has them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>

#include "host/session.hpp"

namespace mneme::harness {

enum class Match {
    weights, // weight matching: Ainsworth et al. 2022, arXiv:2209.04836
    l2,      // descent on the mean squared difference: Guerrero Pena et al. 2023, arXiv:2212.12042
    mid      // descent on the training loss in the middle of the line: the same
};

struct LabelledBatch {
    at::Tensor x;       // [n, D] as the network takes it
    at::Tensor y, task; // int64 [n]
};

// One for a session, whose network says which hidden units there are.
class Matcher final {
  public:
    explicit Matcher(host::Session&);
    ~Matcher();

    // a [1, columns] with its hidden units in the order that brings it nearest to b. l2 and mid
    // make `steps` steps; mid takes the batches in turn, with the classes of tasks up to `row`.
    // Equal calls give equal orders.
    at::Tensor operator()(const at::Tensor& a, const at::Tensor& b, Match, int64_t steps,
                          int64_t row, const std::vector<LabelledBatch>&);

  private:
    struct Descent;
    host::Session& session_;
    std::unique_ptr<Descent> descent_; // made when it is asked for
};

} // namespace mneme::harness
