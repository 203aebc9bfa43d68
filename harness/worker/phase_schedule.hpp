// SPDX-License-Identifier: Apache-2.0
// How many steps a phase has, which rows of an epoch's order a step takes, and which steps complete
// a point of the task's curve.
#pragma once

#include <algorithm>
#include <cstdint>

namespace mneme::harness {

// Steps are numbered through the phase: step k takes batch k % steps_per_epoch of its epoch. An
// epoch has `batches` with examples; the steps behind them are padding, whose rows weigh nothing.
struct PhaseSchedule {
    int64_t rows = 0; // examples of an epoch
    int64_t batch_size = 0, epochs = 0, batches = 0, steps_per_epoch = 0;
    bool companion = false; // every step takes a second batch, from the whole task

    int64_t steps() const { return epochs * steps_per_epoch; }
    int64_t epoch_of(int64_t step) const { return step / steps_per_epoch; }
    bool is_padding(int64_t step) const { return step % steps_per_epoch >= batches; }
    int64_t first_row(int64_t step) const { // in the order of the epoch
        return is_padding(step) ? 0 : step % steps_per_epoch * batch_size;
    }
    int64_t rows_of(int64_t step) const { return std::min(batch_size, rows - first_row(step)); }
    int64_t samples_of(int64_t step) const { // that count
        return is_padding(step) ? 0 : rows_of(step) * (companion ? 2 : 1);
    }
    // Over the examples that the epoch's order was drawn from.
    double passes(int64_t examples) const {
        return static_cast<double>(epochs * std::min(rows, steps_per_epoch * batch_size)) /
               static_cast<double>(examples);
    }
};

// Shares the steps of a task, all its phases together, out over the points of its curve.
class CurveProgress final {
  public:
    CurveProgress(int64_t points, int64_t steps) : points_(points), steps_(steps) {}
    void skip(int64_t steps) { done_ += steps; }
    double share() const { return steps_ > 0 ? double(done_) / double(steps_) : 1; } // made so far
    int64_t done() const { return done_; } // steps of the task
    // Counts a step; the point that it completes, or -1.
    int64_t advance() {
        const int64_t before = done_ * points_ / steps_, after = ++done_ * points_ / steps_;
        return after > before ? after - 1 : -1;
    }

  private:
    const int64_t points_, steps_;
    int64_t done_ = 0;
};

// At which steps of a task, all its phases together, it is evaluated: after every `every`, or
// `points` times at equal distances.
struct EvaluationSchedule {
    int64_t every = 0, points = 0; // one of them at most; points <= steps
    int64_t steps = 0;

    int64_t count() const { return every > 0 ? steps / every : points; }
    // The number of the evaluation that is due when `done` steps are made, from 0; -1: none.
    int64_t due(int64_t done) const {
        if (every > 0) return done % every == 0 ? done / every - 1 : -1;
        if (points == 0) return -1;
        const int64_t before = (done - 1) * points / steps, after = done * points / steps;
        return after > before ? after - 1 : -1;
    }
};

} // namespace mneme::harness
