// SPDX-License-Identifier: Apache-2.0
// Weights and batches. Everything has a leading replica axis S: one learner trains S networks at
// once (seeds, or values of a hyper-parameter), and row s never looks at another row.
#pragma once

#include <cstddef>

#include <mneme/tensor.hpp>

namespace mneme {

// The weights of S networks.
struct Weights {
    Tensor theta; // [S, P] float32: everything that is trained
    Tensor stats; // [S, Q] float32: what the forward pass updates by itself; no columns where a
                  // network has no such values

    Weights clone() const { return {theta.clone(), stats.clone()}; } // values of its own
};

// One mini-batch for every replica. A memory batch may mix tasks, so each row says which task it
// came from. The harness's tensors are not to be written to: replicas may share them.
struct Batch {
    Tensor x;      // [S, B, D] float32, flat examples
    Tensor y;      // [S, B] int64, class index in the head's numbering
    Tensor task;   // [S, B] int64, task index from 0, for the head rule (net.hpp)
    Tensor weight; // [S, B] float32; the loss is sum(weight * ce) / sum(weight), exactly 0 where
                   // the sum is 0
    int64_t current = 0; // rows before this one belong to the current task's batch, the others to
                         // memory (their dropout has a source of its own, so that it does not
                         // depend on the memory)
    Tensor id{};         // [S, B] int64, the row's position in Task::train(); undefined: not known
    Tensor plain{};      // x before the harness moved its pictures; undefined: x itself

    int64_t rows() const { return y.size(1); }
    bool empty() const { return !y.defined(); } // a step of a phase without data
    // The same rows as they are stored: what a memory keeps whose rows are to be moved anew.
    Batch as_stored() const { return {plain.defined() ? plain : x, y, task, weight, current, id}; }
};

// One batch behind the other, as one: `current` counts the rows of the first that do.
inline Batch concat(const Batch& a, const Batch& b) {
    return {cat({a.x, b.x}, 1), cat({a.y, b.y}, 1), cat({a.task, b.task}, 1),
            cat({a.weight, b.weight}, 1), a.current};
}

namespace border {
inline mneme_batch lend(const Batch& b) {
    return {sizeof(mneme_batch), 0,         b.x.handle(),  b.y.handle(),    b.task.handle(),
            b.weight.handle(),   b.current, b.id.handle(), b.plain.handle()};
}
// Members that a host of an earlier minor does not have stay undefined.
inline bool has_id(const mneme_batch& b) {
    return b.size >= offsetof(mneme_batch, plain) + sizeof b.plain;
}
inline Batch borrow(const mneme_batch& b) {
    Batch out{Tensor::borrow(b.x), Tensor::borrow(b.y), Tensor::borrow(b.task),
              Tensor::borrow(b.weight), b.current};
    if (has_id(b)) out.id = Tensor::borrow(b.id), out.plain = Tensor::borrow(b.plain);
    return out;
}
inline Batch own(const mneme_batch& b) {
    return {Tensor(b.x), Tensor(b.y),  Tensor(b.task), Tensor(b.weight),
            b.current,   Tensor(b.id), Tensor(b.plain)};
}
} // namespace border

} // namespace mneme
