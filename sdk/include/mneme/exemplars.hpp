// SPDX-License-Identifier: Apache-2.0
// Exemplars: as many rows of each class as of the others, memory / classes so far, which a method
// chooses at a task's end; of the older classes the first stay. (A memory that fills itself while
// training: ReplayMemory.)
#pragma once

#include <algorithm>

#include <mneme/class_history.hpp>
#include <mneme/rows.hpp>
#include <mneme/setup.hpp>

namespace mneme {

class Exemplars final {
  public:
    // Declares memory and memory_batch.
    Exemplars(Setup& s, int64_t memory, int64_t batch)
        : memory_(s.options.count("memory", memory, {.min = 1}, "exemplars in all")),
          batch_(s.options.count("memory_batch", batch, {.min = 1}, "exemplars that join a step")),
          classes_(s.net.classes()), draw_(s.random("memory_draw")) {}

    // m, rows of each class. Reads values: not in a step.
    int64_t per_class(const ClassHistory& history) const {
        return std::max<int64_t>(1, memory_ / history.count(history.seen()));
    }
    // At a task's end: rows behind the others, then the first `most` of each class.
    void add(const Batch& rows, int64_t most) {
        store_.append({rows, {}});
        store_ = trimmed(store_, classes_, most);
    }
    // The batch with memory_batch rows drawn for it; by itself while there is none.
    Batch joined(const Batch& batch) const {
        return store_.slots() == 0 ? batch
                                   : concat(batch, pick(rows(), drawn(draw_, rows(), batch_)));
    }
    // The same, where an exemplar counts as much as one of the task's `of` rows: those drawn weigh
    // together as much, beside the batch, as all exemplars do beside the task. In the mean over
    // draws the slope is that of an epoch over both together.
    Batch joined_in_proportion(const Batch& batch, int64_t of) const {
        if (store_.slots() == 0) return batch;
        auto memory = pick(rows(), drawn(draw_, rows(), batch_));
        const auto exemplars = rows().weight.sum(1, true) / static_cast<double>(of); // [S, 1]
        memory.weight = memory.weight * (batch.weight.sum(1, true) * exemplars /
                                         memory.weight.sum(1, true).clamp_min(1e-30));
        return concat(batch, memory);
    }
    const Batch& rows() const { return store_.rows; } // [S, M]; an empty slot weighs 0

    void state(State& s) { store_.state(s); }

  private:
    const int64_t memory_, batch_, classes_;
    const Random draw_;
    StoredRows store_;
};

} // namespace mneme
