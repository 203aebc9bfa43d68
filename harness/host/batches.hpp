// SPDX-License-Identifier: Apache-2.0
// Examples of a stream as batches: gathered, drawn, turned into numbers, augmented.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include <mneme/abi.h>
#include <benchmarks/spec.hpp>
#include <benchmarks/stream.hpp>

#include "host/batch_buffers.hpp"
#include "host/draws.hpp"

namespace mneme::host {
class Session;
}

// Rows of a task's (or several tasks') training data.
struct mneme_examples {
    mneme::host::Session* session;
    mneme::bench::Examples data;
    at::Tensor task;              // int64 [N], the task of each row
    std::vector<int64_t> classes; // in the head's numbering
};

namespace mneme::host {

class Batches final {
  public:
    // `table`: float32, what a pixel stands for, [256, 1], or a token, [ids, numbers].
    // `shape`: of an example, as the network has it.
    Batches(const Placement&, Draws&, const at::Tensor& table, std::vector<int64_t> shape);

    // From now on `augment` moves the pictures of a training batch.
    void set_augment(const bench::AugmentSpec& how) { augment_ = how; }
    void augment(at::Tensor& x); // [S, B, D], as gather gave it
    // The same by draws of a plugin's source; null: as the benchmark says.
    at::Tensor augmented(const at::Tensor& x, mneme_source&, const bench::AugmentSpec*);

    // The rows at positions [S, n], or [1, n] for all replicas. A weight that `rows` holds already
    // stays where it has as many.
    void gather(const mneme_examples&, const at::Tensor& positions, Rows& rows) const;
    // Positions [S, n] that a plugin has asked for (MNEME_DRAW_...).
    at::Tensor draw(const mneme_examples&, int32_t how, int64_t n);
    // uint8 [S or none, N, D], token ids int32 [N, length], or numbers float32 as they are, as
    // float32: the same values as gather gives.
    at::Tensor input(const at::Tensor& x) const;

  private:
    at::Tensor moved(const at::Tensor& x, const bench::AugmentSpec&, mneme_source& crop,
                     mneme_source& flip);
    at::Tensor vectors(const at::Tensor& tokens) const; // [..., length] to [..., length * numbers]
    at::Tensor draw_per_class(const mneme_examples&, const at::Tensor& order, int64_t n) const;

    const Placement placement_;
    Draws& draws_;
    const std::vector<int64_t> shape_;
    const at::Tensor table_; // on the device
    bench::AugmentSpec augment_;
};

} // namespace mneme::host
