// SPDX-License-Identifier: Apache-2.0
// Rows of training data as the host holds them, and how a batch of them is lent to a plugin.
#pragma once

#include <mneme/abi.h>

#include "host/handle.hpp"

namespace mneme::host {

struct Rows {
    at::Tensor x;       // float32 [S, B, D]
    at::Tensor y, task; // int64 [S, B]
    at::Tensor weight;  // float32 [S, B]; 0: the row does not count
    at::Tensor id;      // int64 [S, B], the row's position in the task's data; undefined: not known
    at::Tensor plain;   // x before its pictures were moved; undefined: x itself
};

// A batch and the handles by which it is lent, step after step.
class BatchBuffers final {
  public:
    Rows rows;
    mneme_batch lend() {
        return {sizeof(mneme_batch), 0,
                x_(rows.x),          y_(rows.y),
                task_(rows.task),    weight_(rows.weight),
                rows.y.size(1),      id_(rows.id),
                plain_(rows.plain)};
    }

  private:
    Lent x_, y_, task_, weight_, id_, plain_;
};

} // namespace mneme::host
