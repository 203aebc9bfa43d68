// SPDX-License-Identifier: Apache-2.0
// A stream of tasks, as every method sees it. Built once per cell for all its seeds; nothing here
// depends on the method.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <benchmarks/dataset.hpp>
#include <benchmarks/spec.hpp>
#include <benchmarks/tasks.hpp>

namespace mneme::bench {

// Examples of one task on the device. Replicas see the same examples in the same places; only their
// pixels may differ.
struct Examples {
    at::Tensor x; // uint8, [N, D] for all replicas or [S, N, D] where each has its own transform;
                  // texts: int32 token ids, [N, length]; numbers: float32
    at::Tensor y; // int64 [N], in the head's numbering
    int64_t size() const { return y.size(0); }
};

class Stream {
  public:
    // `data` may be empty for synthetic streams. Seeds: one per replica; all alike where
    // seeds_differ(spec).
    Stream(const Spec&, std::shared_ptr<const Dataset> data, std::vector<int64_t> seeds, Limits,
           at::Device);
    ~Stream();
    Stream(Stream&&) noexcept;

    int64_t tasks() const;
    const TaskInfo& task(int64_t t) const;
    int64_t classes() const;                  // width of the head
    std::vector<int64_t> input_shape() const; // of one example: {D}, {channels, rows, columns} with
                                              // D their product, or {length, numbers}
    std::vector<int64_t> picture_shape()
        const; // {channels, rows, columns}; empty where an example is no picture
    Examples train(int64_t t) const; // transformed afresh at each call
    Examples test(int64_t t) const;  // kept for the next evaluation while memory allows
    at::Tensor input(const at::Tensor& x)
        const; // uint8 [...] -> float32: divided by 255, normalised where the spec says so.
               // float32: as it is, load_data has normalised it
    at::Tensor table() const; // float32 on the CPU, what an example's integers stand for: [256, 1],
                              // or [ids, numbers] for texts. Numbers: a 0, for what lies outside
    // Definitions, section 2: SHA-256 over, one after the other, the bytes of the training examples
    // [N, D] after the task's transform as that replica sees them; their labels, one byte each
    // (two, little-endian, where there are more than 256 classes), in the data set's own numbering,
    // or behind the classes of the sets before it; the same two of the test examples; the order as
    // little-endian 64-bit integers: [train_count], the first epoch's permutation for that seed.
    // Replicas, device and threads do not count.
    using Order = std::function<std::vector<int64_t>(int64_t replica,
                                                     int64_t t)>; // called from all threads at once
    std::vector<std::vector<std::string>> data_digests(
        const Order&, std::size_t threads) const; // [task][replica]

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace mneme::bench
