// SPDX-License-Identifier: Apache-2.0
// What the runner's three files share: a phase of a task, ready to run; clocks and counts.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <utility>

#include "host/handle.hpp"
#include "worker/runner.hpp"

namespace mneme::harness {

inline std::size_t idx(int64_t i) { return static_cast<std::size_t>(i); }
inline double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
} // seconds

// Counts start as NaN: a task that was never begun has none.
inline void raise(double& count, double by) { count = (std::isnan(count) ? 0 : count) + by; }

// A batch and the handles it is lent by.
struct Hand {
    at::Tensor x, y, task, weight;
    at::Tensor id, plain; // undefined: not known; x itself
    host::Lent x_handle, y_handle, task_handle, weight_handle, id_handle, plain_handle;
    mneme_batch lend() {
        return {
            sizeof(mneme_batch),   0,         x_handle(x),   y_handle(y),        task_handle(task),
            weight_handle(weight), y.size(1), id_handle(id), plain_handle(plain)};
    }
};

// A phase with its length resolved. Steps are numbered through: step k is batch k % each of epoch k
// / each; there are `per_epoch` batches with examples in an epoch, and those behind them weigh
// nothing.
struct Runner::Stretch {
    mneme_phase phase;
    int64_t task, index;
    const mneme_examples* examples = nullptr; // `own`, or the task's
    std::unique_ptr<mneme_examples> own;      // union of tasks
    int64_t rows = 0, batch = 0, epochs = 0, per_epoch = 0, each = 0, steps = 0;
    bool spent(int64_t step) const { return step % each >= per_epoch; }
    int64_t first_of(int64_t step) const {
        return spent(step) ? 0 : step % each * batch;
    } // row of the epoch's order
    bool without_data() const { return phase.data == MNEME_NO_DATA; }
    int64_t rows_of(int64_t step) const { return std::min(batch, rows - first_of(step)); }
    int64_t samples_of(int64_t step) const {
        return spent(step) ? 0 : rows_of(step) * (phase.companion ? 2 : 1);
    }                  // current ones
    at::Tensor subset; // [S, rows] where `samples` are fewer than there are
    at::Tensor order;  // [S, rows] of epoch `epoch`
    int64_t epoch = -1;
    // A piece of a longer phase: its steps are numbered on from first_step, in the task that the
    // learner was told.
    int64_t told_task = -1, first_step = 0; // -1: `task`
    bool opens = true, closes = true;       // whether the phase begins and ends with this piece
    uint32_t epoch_counter(int64_t step) const { // where in a task its epochs draw
        return static_cast<uint32_t>(index << 24 | step / each);
    }
    int64_t told() const { return told_task < 0 ? task : told_task; }
    // For each kind of step, by rows and whether it is spent: a recorded step reads what lay in its
    // own hand.
    struct Hands {
        Hand batch, companion;
    };
    std::map<std::pair<int64_t, bool>, Hands> hands;
};

} // namespace mneme::harness
